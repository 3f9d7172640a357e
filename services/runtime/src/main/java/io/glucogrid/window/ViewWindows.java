package io.glucogrid.window;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The windowed features of one view, compiled.
 *
 * <p>A windowed feature is a function of the readings of an entity with event times in {@code (t - window, t]}. The online store
 * keeps those readings in the entity's row, history reads them from the tier; from there on both take the same way through
 * {@link Readings} and {@link Span}. Online t is the event time of the entity's latest row, so the value stands for the same
 * moment as the row's other features and does not change without a reading; in history t is the time asked for. Asked for the
 * time of the latest row, history gives what the online store serves.
 *
 * <p>The recent readings are a part of the row and not an entry of their own, so one entry processor changes both at once: an
 * answer never mixes a row with the windows of another. No partial sums are kept. A correction or a late reading would have to be
 * taken out of them again, which needs the readings anyway, costs exactness, and 24 h of 5-minute readings are under 2 KB.
 *
 * <p>Both sides look at the {@value Readings#MOST} latest readings of the longest window and no further, which bounds the memory
 * of an entity. A reading older than the longest window changes nothing online, as it changes no window that ends now.
 */
public final class ViewWindows {
    /** Time questions that are answered from one set of rows span at most this many windows more. */
    private static final int WINDOWS_AT_ONCE = 8;

    private static final int RANGES_AT_ONCE = 64;

    private final WindowLayout layout;
    private final List<Column> columns;
    private final List<Field> outputs;
    private final int stored;

    private ViewWindows(WindowLayout layout, List<Column> columns, List<Field> outputs, int stored) {
        this.layout = layout;
        this.columns = columns;
        this.outputs = outputs;
        this.stored = stored;
    }

    /** A column that windows are taken of, and its aggregations with the place of their first output. */
    private record Column(String name, ValueType type, List<Aggregation> aggregations, int[] places) {}

    /** The windows of a view; null where it has none. */
    public static @Nullable ViewWindows of(FeatureView view) {
        WindowLayout layout = WindowLayout.of(view);
        if (layout == null) {
            return null;
        }
        List<Column> columns = new ArrayList<>();
        for (String name : WindowLayout.columns(view)) {
            ValueType type = view.features().stream()
                    .filter(feature -> feature.name().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .type();
            List<Aggregation> own = new ArrayList<>();
            List<Integer> places = new ArrayList<>();
            int place = 0;
            for (Aggregation aggregation : view.aggregations()) {
                if (aggregation.column().equals(name)) {
                    own.add(aggregation);
                    places.add(place);
                }
                place += aggregation.outputs(type).size();
            }
            columns.add(new Column(
                    name, type, own, places.stream().mapToInt(Integer::intValue).toArray()));
        }
        List<Field> served = view.servedFeatures();
        int stored = view.features().size();
        return new ViewWindows(layout, columns, List.copyOf(served.subList(stored, served.size())), stored);
    }

    /** The features, in serving order. */
    public List<Field> outputs() {
        return outputs;
    }

    /**
     * An online row with the windowed values after its stored ones; all null where the row carries no readings of these windows,
     * as after a change of the definitions and before the next reading.
     */
    public FeatureRow online(FeatureRow row) {
        Readings readings = layout.carried(row);
        return extended(row, stored, readings, row.eventMicros());
    }

    /**
     * Rows as of given times with the windowed values after the table's columns; null where the row is null. Reads the windows of
     * all rows that are not.
     *
     * @param questions the time asked for is {@link AsOf#atMicros}; readings created after {@link AsOf#knownMicros} count as not
     *     there
     * @param rows what the tier answered to them
     */
    public List<@Nullable HistoryRow> historical(
            OfflineStore tier, TableSchema table, List<AsOf> questions, List<@Nullable HistoryRow> rows) {
        @Nullable HistoryRow[] answers = new HistoryRow[rows.size()];
        List<Range> ranges = ranges(questions, rows);
        for (int from = 0; from < ranges.size(); from += RANGES_AT_ONCE) {
            if (Thread.currentThread().isInterrupted()) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the windows are not read: nobody waits for them");
            }
            List<Range> some = ranges.subList(from, Math.min(from + RANGES_AT_ONCE, ranges.size()));
            List<List<HistoryRow>> found =
                    tier.ranges(table, some.stream().map(Range::question).toList());
            for (int i = 0; i < found.size(); i++) {
                Readings readings = readings(table, found.get(i));
                for (int asked : some.get(i).questions) {
                    HistoryRow row = rows.get(asked);
                    if (row != null) {
                        FeatureRow windowed = extended(
                                row.row(),
                                table.values().size(),
                                readings,
                                questions.get(asked).atMicros());
                        answers[asked] = new HistoryRow(row.joinKeys(), windowed, row.op());
                    }
                }
            }
        }
        return Arrays.asList(answers);
    }

    /**
     * Online rows that came from the tier with the recent readings that go with them, as if all of them had been streamed.
     *
     * @param rows by cache key ({@link EntityKey#of})
     */
    public Map<Object, FeatureRow> withRecent(OfflineStore tier, TableSchema table, Map<Object, FeatureRow> rows) {
        return withRecent(tier, table, rows, Long.MAX_VALUE);
    }

    /**
     * {@link #withRecent(OfflineStore, TableSchema, Map)} as it would have been at a time.
     *
     * @param knownMicros readings created after this time count as not there
     */
    public Map<Object, FeatureRow> withRecent(
            OfflineStore tier, TableSchema table, Map<Object, FeatureRow> rows, long knownMicros) {
        Map<Object, FeatureRow> whole = new LinkedHashMap<>();
        List<Map.Entry<Object, FeatureRow>> entries = List.copyOf(rows.entrySet());
        for (int from = 0; from < entries.size(); from += RANGES_AT_ONCE) {
            List<Map.Entry<Object, FeatureRow>> some =
                    entries.subList(from, Math.min(from + RANGES_AT_ONCE, entries.size()));
            List<AsOf> questions = new ArrayList<>();
            for (Map.Entry<Object, FeatureRow> entry : some) {
                long event = entry.getValue().eventMicros();
                questions.add(new AsOf(
                        EntityKey.joinKeys(entry.getKey()), event - layout.longestMicros() + 1, event, knownMicros));
            }
            List<List<HistoryRow>> found = tier.ranges(table, questions);
            for (int i = 0; i < found.size(); i++) {
                FeatureRow row = some.get(i).getValue();
                Readings readings = readings(table, found.get(i));
                layout.addOwn(row, readings);
                readings.keep(layout.longestMicros());
                whole.put(some.get(i).getKey(), row.withRecent(layout.encode(readings)));
            }
        }
        return whole;
    }

    /** One stretch of an entity's history, and the questions whose windows lie in it. */
    private static final class Range {
        private final Object[] joinKeys;
        private final long fromMicros;
        private final long knownMicros;
        private final List<Integer> questions = new ArrayList<>();
        private long atMicros;

        Range(Object[] joinKeys, long fromMicros, long knownMicros) {
            this.joinKeys = joinKeys;
            this.fromMicros = fromMicros;
            this.knownMicros = knownMicros;
        }

        void add(int question, long at) {
            questions.add(question);
            atMicros = at;
        }

        AsOf question() {
            return new AsOf(joinKeys, fromMicros, atMicros, knownMicros);
        }
    }

    /** Questions about one entity whose windows overlap share their rows, if what was known is the same. */
    private List<Range> ranges(List<AsOf> questions, List<@Nullable HistoryRow> rows) {
        Map<List<Object>, List<Integer>> byEntity = new LinkedHashMap<>();
        for (int i = 0; i < questions.size(); i++) {
            if (rows.get(i) != null) {
                byEntity.computeIfAbsent(Arrays.asList(questions.get(i).joinKeys()), first -> new ArrayList<>())
                        .add(i);
            }
        }
        long window = layout.longestMicros();
        List<Range> ranges = new ArrayList<>();
        for (List<Integer> entity : byEntity.values()) {
            entity.sort(Comparator.comparingLong(i -> questions.get(i).atMicros()));
            Range open = null;
            for (int i : entity) {
                long at = questions.get(i).atMicros();
                long known = questions.get(i).knownMicros();
                if (open == null
                        || known != open.knownMicros
                        || at - window >= open.atMicros
                        || at - open.fromMicros > (WINDOWS_AT_ONCE + 1) * window) {
                    open = new Range(questions.get(i).joinKeys(), at - window + 1, known);
                    ranges.add(open);
                }
                open.add(i, at);
            }
        }
        return ranges;
    }

    private Readings readings(TableSchema table, List<HistoryRow> rows) {
        int[] indexes = columns.stream()
                .mapToInt(column -> table.valueIndex(column.name))
                .toArray();
        Readings readings = Readings.empty(indexes.length);
        double[] values = new double[indexes.length];
        for (HistoryRow row : rows) {
            for (int i = 0; i < indexes.length; i++) {
                values[i] = WindowLayout.number(row.row().value(indexes[i]));
            }
            readings.add(row.row().eventMicros(), row.row().createdMicros(), values);
        }
        return readings;
    }

    private FeatureRow extended(FeatureRow row, int columnsBefore, @Nullable Readings readings, long atMicros) {
        @Nullable Object[] values = Arrays.copyOf(row.values(), columnsBefore + outputs.size());
        if (readings != null) {
            evaluate(readings, atMicros, values, columnsBefore);
        }
        return new FeatureRow(row.eventMicros(), row.createdMicros(), values);
    }

    /** Writes all outputs for the windows that end at a time. */
    void evaluate(Readings readings, long atMicros, @Nullable Object[] into, int offset) {
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            Map<Long, Span> spans = new LinkedHashMap<>();
            for (int i = 0; i < column.places.length; i++) {
                Aggregation aggregation = column.aggregations.get(i);
                int of = c;
                Span span = spans.computeIfAbsent(
                        aggregation.windowMicros(), window -> Span.of(readings, of, window, atMicros));
                write(aggregation, column.type, span, into, offset + column.places[i]);
            }
        }
    }

    private static void write(Aggregation aggregation, ValueType type, Span span, @Nullable Object[] into, int place) {
        switch (aggregation.function()) {
            case MEAN -> into[place] = span.mean();
            case SD -> into[place] = span.sd();
            case MIN -> into[place] = typed(span.min(), type);
            case MAX -> into[place] = typed(span.max(), type);
            case COUNT -> into[place] = span.count();
            case SLOPE -> into[place] = span.slope();
            case LAST_N -> {
                for (int back = 0; back < aggregation.n(); back++) {
                    into[place + back] = typed(span.last(back), type);
                }
            }
            case FRACTION_BETWEEN -> into[place] = span.fractionBetween(aggregation.low(), aggregation.high());
        }
    }

    /** A value in the Java type of its column. */
    private static @Nullable Object typed(@Nullable Double value, ValueType type) {
        if (value == null) {
            return null;
        }
        return switch (type) {
            case INT32 -> (Object) value.intValue();
            case INT64 -> value.longValue();
            case FLOAT -> value.floatValue();
            default -> value;
        };
    }
}
