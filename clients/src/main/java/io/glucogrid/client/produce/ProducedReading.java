package io.glucogrid.client.produce;

/** A reading that Kafka has acknowledged, and where it lies in the topic. */
public record ProducedReading(long subjectId, long glucoseMgDl, long eventMicros, int partition, long offset) {}
