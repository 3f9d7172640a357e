package io.glucogrid.store;

/**
 * A point-in-time question: the latest row of an entity with {@code fromMicros <= event time <= atMicros}, ties by greatest
 * creation time.
 */
public record AsOf(Object[] joinKeys, long fromMicros, long atMicros) {}
