"""Runs that follow the data: `arrivals` sees that something came, `timetable` that it is time, `watching` runs."""
