package io.glucogrid.serving;

import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.ValueStatus;

/**
 * An online answer with what is known of each value.
 *
 * @param statuses by row and column of the table
 */
public record OnlineAnswer(FeatureTable table, ValueStatus[][] statuses) {}
