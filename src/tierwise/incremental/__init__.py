"""Runs that cost what they touch: aggregates per customer are kept, and only those that could have changed are made anew.

`calendar` finds the days on which two compilations of an aggregate disagree, `reach` what follows for each table of
facts, `aggregates` makes the tables of a run by it, `validity` says when a run can build on the one before.
"""
