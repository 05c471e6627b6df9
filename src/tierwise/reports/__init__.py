"""The report: one HTML file of a run that opens offline, prints, and speaks both languages."""

from tierwise.reports.report import write_report as write_report
