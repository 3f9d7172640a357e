package io.glucogrid.serving;

import io.glucogrid.feature.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A historical answer as a client sees it: the entity's own columns, then the features.
 *
 * @param types type of each column; null for an entity column, whose values go back as they came
 */
public record HistoricalAnswer(List<String> names, @Nullable ValueType[] types, @Nullable Object[][] rows) {}
