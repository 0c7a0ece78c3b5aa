-- What this changes on SQLite was so from the beginning here.
SELECT 1;
