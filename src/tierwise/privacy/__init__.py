"""Personal data: who a person is in a workspace, erasing them from it, and what is left so that they stay erased.

`person` finds all that a workspace holds of one customer, `scrubbing` takes it out of one file, `erasure` out of all of
them, in an order that survives a crash; `tombstones` keep a salted hash; `views` show tables masked or under pseudonyms.
"""
