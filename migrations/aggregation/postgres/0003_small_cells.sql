-- Results of before small cells were suppressed are for auditors: no release takes them. Run again, the
-- analysis finds one that is for everybody.
UPDATE results SET class = 'auditor' WHERE class = 'public';
