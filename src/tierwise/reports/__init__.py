"""Reports: one HTML file of a run or of a forecast that opens offline, prints, and speaks both languages."""

from tierwise.reports.report import write_report as write_report
from tierwise.reports.value_report import write_value_report as write_value_report
