package io.glucogrid.cgm;

/**
 * One sensor reading.
 *
 * @param glucoseMgDl whole mg/dL, as received
 * @param eventMicros event time; the reference data has local wall-clock time labelled UTC, which nobody shifts
 */
public record Reading(long subjectId, long glucoseMgDl, long eventMicros, long createdMicros) {}
