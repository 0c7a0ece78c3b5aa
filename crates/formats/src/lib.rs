//! Readers and writers of the files people bring and take away.
