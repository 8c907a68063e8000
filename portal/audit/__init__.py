"""Who did what through the portal: a row begun before the first write and completed after the last."""

from portal.audit.records import Record, audited, last_record, note, of_person, own, take_back

__all__ = ["Record", "audited", "last_record", "note", "of_person", "own", "take_back"]
