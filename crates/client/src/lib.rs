//! Connections to Folkmoot's services, over the network or within the process.
