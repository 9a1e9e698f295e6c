"""The one-page report on a film: its content as data, as JSON and as PDF."""

from core.reports.film.data import Reading, Report, make_report, report_document, sentence
from core.reports.film.page import report_pdf

__all__ = ["Reading", "Report", "make_report", "report_document", "report_pdf", "sentence"]
