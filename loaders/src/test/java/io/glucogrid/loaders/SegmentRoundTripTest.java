package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tier")
class SegmentRoundTripTest {
    private static final List<Field> EVERY_TYPE = Arrays.stream(ValueType.values())
            .map(type -> new Field("v_" + type, type))
            .toList();

    @Property(tries = 40)
    void rowsOfAllTypesComeBackAsTheyWere(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int rows,
            @ForAll @Size(min = 1, max = 2) List<KeyType> keys)
            throws Exception {
        List<Field> joinKeys = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            joinKeys.add(new Field("k" + i, ValueType.valueOf(keys.get(i).name())));
        }
        TableSchema schema = new TableSchema("table", joinKeys, "event", "made", EVERY_TYPE);
        Random random = new Random(seed);
        Map<List<Object>, HistoryRow> written = new HashMap<>();
        for (int i = 0; i < rows; i++) {
            Object[] key =
                    joinKeys.stream().map(field -> few(field.type(), random)).toArray();
            long event = random.nextInt(20) - 10;
            Object[] values = EVERY_TYPE.stream()
                    .map(field -> random.nextInt(4) == 0 ? null : value(field.type(), random))
                    .toArray();
            List<Object> identity = new ArrayList<>(List.of(key));
            identity.add(event);
            written.put(identity, HistoryRow.upsert(key, new FeatureRow(event, random.nextLong(), values)));
        }
        Path folder = Files.createTempDirectory("tier");
        try (ParquetOfflineStore store = Tiers.store(folder);
                ParquetOfflineStore reader = Tiers.store(folder)) {
            store.append(schema, List.copyOf(written.values())).get(20, TimeUnit.SECONDS);
            List<HistoryRow> read = new ArrayList<>();
            reader.scan(schema, bucket -> true, read::add);

            assertThat(read.stream().map(SegmentRoundTripTest::text))
                    .containsExactlyInAnyOrderElementsOf(written.values().stream()
                            .map(SegmentRoundTripTest::text)
                            .toList());
            for (HistoryRow row : written.values()) {
                AsOf exact = new AsOf(
                        row.joinKeys(), row.row().eventMicros(), row.row().eventMicros());
                assertThat(text(reader.asOf(schema, List.of(exact)).get(0))).isEqualTo(text(row));
            }
        } finally {
            TestTier.delete(folder);
        }
    }

    enum KeyType {
        INT32,
        INT64,
        BOOL,
        STRING,
        UNIX_TIMESTAMP
    }

    private static String text(HistoryRow row) {
        return Arrays.deepToString(row.joinKeys()) + row.row();
    }

    private static Object few(ValueType type, Random random) {
        int pick = random.nextInt(5);
        return switch (type) {
            case INT32 -> pick - 2;
            case INT64, UNIX_TIMESTAMP -> (pick - 2) * 0x1_0000_0001L;
            case BOOL -> pick > 2;
            case STRING ->
                List.of("", "a", "é\uD83D\uDE00", "\uFF5E", "x".repeat(100)).get(pick);
            default -> throw new IllegalArgumentException(type.name());
        };
    }

    private static Object value(ValueType type, Random random) {
        byte[] bytes = new byte[random.nextInt(5)];
        random.nextBytes(bytes);
        return switch (type) {
            case INT32 -> random.nextInt();
            case INT64, UNIX_TIMESTAMP -> random.nextLong();
            case FLOAT -> Float.intBitsToFloat(random.nextInt());
            case DOUBLE -> Double.longBitsToDouble(random.nextLong());
            case BOOL -> random.nextBoolean();
            case STRING -> Long.toString(random.nextLong(), 36) + "µ\uD83D\uDE00";
            case BYTES -> bytes;
        };
    }

    @Test
    void manyPagesAndRowGroupsKeepEveryRowFindable(@TempDir Path folder) throws Exception {
        int rows = 600_000;
        RowBatch batch = RowBatch.empty(Tiers.READINGS, rows);
        for (int i = 0; i < rows; i++) {
            batch.add(i % 3, i, i * 7L, i + 1, 0);
        }
        BulkLoad load = BulkLoad.into(TestTier.open(folder), Tiers.READINGS);
        assertThat(load.add(batch, true).added()).isEqualTo(rows);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Random random = new Random(5);
            for (int i = 0; i < 500; i++) {
                long at = random.nextInt(rows + 10) - 5;
                long subject = random.nextInt(4);
                HistoryRow found = Tiers.asOf(store, subject, Long.MIN_VALUE, at);
                long last = Math.min(at, rows - 1);
                long expected = last - Math.floorMod(last - subject, 3L);
                if (subject > 2 || expected < 0) {
                    assertThat(found).isNull();
                } else {
                    assertThat(found.row())
                            .isEqualTo(new FeatureRow(expected, expected + 1, new Object[] {expected * 7}));
                }
            }
            List<HistoryRow> scanned = new ArrayList<>();
            store.scan(Tiers.READINGS, bucket -> true, scanned::add);
            assertThat(scanned).hasSize(rows);
            assertThat(scanned.stream()
                            .filter(row -> row.joinKeys()[0].equals(1L))
                            .map(row -> row.row().eventMicros()))
                    .isSortedAccordingTo(Comparator.naturalOrder());
            assertThat(load.add(batch, true).added()).isZero();
        }
    }

    /** Column indexes hold the first 64 bytes of a text, so the bounds of most pages are those of many keys. */
    @Test
    void longTextKeysOfManyPagesAreFound(@TempDir Path folder) throws Exception {
        TableSchema schema = new TableSchema(
                "texts",
                List.of(new Field("device", ValueType.STRING), new Field("channel", ValueType.INT32)),
                "event",
                "created",
                List.of(new Field("value", ValueType.DOUBLE)));
        List<HistoryRow> rows = new ArrayList<>();
        for (int i = 0; i < 30_000; i++) {
            Object[] key = {"\uFF5E".repeat(40) + i % 100 / 10 + "\uD83D\uDE00", i % 10};
            rows.add(HistoryRow.upsert(key, new FeatureRow(i, i, new Object[] {i / 2.0})));
        }
        try (ParquetOfflineStore store = Tiers.store(folder);
                ParquetOfflineStore reader = Tiers.store(folder)) {
            store.append(schema, rows).get(20, TimeUnit.SECONDS);
            for (int i = 29_999; i > 0; i -= 117) {
                HistoryRow row = rows.get(i);
                AsOf question = new AsOf(row.joinKeys(), 0, i + 99);
                assertThat(text(reader.asOf(schema, List.of(question)).get(0))).isEqualTo(text(row));
            }
            checkJoin(reader, schema, rows);
        }
    }

    /** Every hundredth row is asked for, in no order. */
    private static void checkJoin(ParquetOfflineStore reader, TableSchema schema, List<HistoryRow> rows) {
        List<Object[]> keys = new ArrayList<>();
        long[] times = new long[rows.size() / 100];
        for (int i = 0; i < times.length; i++) {
            HistoryRow row = rows.get(i * 7919 % rows.size());
            keys.add(row.joinKeys());
            times[i] = row.row().eventMicros() + 99;
        }
        List<String> answers = new ArrayList<>();
        reader.join(
                schema,
                AsOfBatch.of(keys, times),
                (question, found) ->
                        answers.add(question + " " + Arrays.deepToString(keys.get(question)) + found.row()));
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < times.length; i++) {
            expected.add(i + " " + text(rows.get(i * 7919 % rows.size())));
        }
        assertThat(answers).containsExactlyInAnyOrderElementsOf(expected);
    }
}
