package io.glucogrid.feature;

import java.util.List;

/**
 * Features computed from other features and request values when they are read.
 *
 * @param sources names of feature views and request sources
 * @param historicalInputTime which time a historical read hands to an expression that names the timestamp field
 */
public record OnDemandView(
        String name, List<String> sources, List<Derived> features, HistoricalInputTime historicalInputTime) {
    public OnDemandView {
        sources = List.copyOf(sources);
        features = List.copyOf(features);
    }

    /** A computed feature and its expression. */
    public record Derived(String name, ValueType type, String expression) {}

    public enum HistoricalInputTime {
        /** The entity row's time, as the reference does. */
        REQUEST,
        /** The feature row's time, as an online read does. */
        FEATURE
    }
}
