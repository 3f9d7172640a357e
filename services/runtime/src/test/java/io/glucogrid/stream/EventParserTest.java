package io.glucogrid.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Properties;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventParserTest {
    private static final InstantSource NOW = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
    private static final Definitions DEFINITIONS = CgmDefinitions.standard();
    private static final StreamPlan PLAN = StreamPlan.of(DEFINITIONS, CgmDefinitions.TOPIC, EventLimits.DEFAULT, NOW);

    @Test
    void aReadingOfTheReferenceBecomesARow() throws Exception {
        HistoryRow row = parse(
                "{\"event_timestamp\":1738601222,\"subject_id\":163669001,\"glucose\":104,\"created\":1738601223}");

        assertThat(row.joinKeys()).containsExactly(163669001L);
        assertThat(row.op()).isEqualTo(HistoryRow.Op.UPSERT);
        assertThat(row.row())
                .isEqualTo(new FeatureRow(1_738_601_222_000_000L, 1_738_601_223_000_000L, new Object[] {104L}));
    }

    @Test
    void unknownFieldsZeroFractionsAndOtherTimeFormsAreFine() throws Exception {
        HistoryRow row = parse("{\"unit\":{\"a\":[1,{}]},\"glucose\":104.0,\"subject_id\":7,"
                + "\"created\":\"2025-02-03T16:47:03Z\",\"event_timestamp\":1738601222.25}");

        assertThat(row.row())
                .isEqualTo(new FeatureRow(1_738_601_222_250_000L, 1_738_601_223_000_000L, new Object[] {104L}));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1738601222",
                "\"1738601222\"",
                "1738601222.0",
                "1738601222000",
                "1738601222000000",
                "1738601222000000999",
                "\"2025-02-03T16:47:02Z\"",
                "\"2025-02-03t18:47:02+02:00\"",
                "\"2025-02-03 16:47:02\""
            })
    void aTimeAndANumberAreReadAsAPushReadsThem(String time) throws Exception {
        HistoryRow row = parse(
                "{\"event_timestamp\":" + time + ",\"subject_id\":\"7\",\"glucose\":\"104.0\",\"created\":1738601223}");

        assertThat(row.joinKeys()).containsExactly(7L);
        assertThat(row.row().eventMicros()).isEqualTo(1_738_601_222_000_000L);
        assertThat(row.row().value(0)).isEqualTo(104L);
    }

    @Test
    void theOnlineRowOfAViewHasItsFeaturesInOrder() throws Exception {
        HistoryRow row =
                parse("{\"event_timestamp\":1738601222,\"subject_id\":7,\"glucose\":104,\"created\":1738601223}");
        ViewProjection view = PLAN.views().get(0);

        assertThat(PLAN.views()).hasSize(1);
        assertThat(view.key(row)).isEqualTo(7L);
        assertThat(view.row(row).values()).containsExactly(104L, 1_738_601_222_000_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                                                    | not_json: the message is"
                        + " empty",
                "nonsense                                                              | not_json: Unrecognized token",
                "[1,2]                                                                 | not_json: not a JSON object",
                "\"text\"                                                              | not_json: not a JSON object",
                "{\"subject_id\":7                                                     | not_json: Unexpected end",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":1,\"created\":T}x | not_json: Unrecognized token",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":1,\"created\":T}{} | not_json: something follows",
                "{}                                                                    | missing_field: subject_id",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":100}              | missing_field: created",
                "{\"event_timestamp\":T,\"subject_id\":7,\"created\":T}                | missing_field: glucose",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":null,\"created\":T} | missing_field: glucose is"
                        + " null",
                "{\"event_timestamp\":null,\"subject_id\":7,\"glucose\":1,\"created\":T} | missing_field:"
                        + " event_timestamp is null",
                "{\"event_timestamp\":T,\"subject_id\":null,\"glucose\":1,\"created\":T} | missing_field: subject_id"
                        + " is null",
                "{\"event_timestamp\":T,\"subject_id\":\"seven\",\"glucose\":1,\"created\":T} | wrong_type:"
                        + " 'subject_id' must be INT64",
                "{\"event_timestamp\":T,\"subject_id\":7.5,\"glucose\":1,\"created\":T} | wrong_type: 'subject_id'"
                        + " must be INT64, not 7.5",
                "{\"event_timestamp\":T,\"subject_id\":99999999999999999999,\"glucose\":1,\"created\":T} | wrong_type:"
                        + " 'subject_id' must be INT64",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":[1],\"created\":T} | wrong_type: glucose must be"
                        + " INT64",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":true,\"created\":T} | wrong_type: 'glucose' must"
                        + " be INT64",
                "{\"event_timestamp\":\"soon\",\"subject_id\":7,\"glucose\":1,\"created\":T} | wrong_type:"
                        + " 'event_timestamp' must be a time",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":NaN,\"created\":T} | not_a_number: glucose is NaN",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":-Infinity,\"created\":T} | not_a_number: glucose"
                        + " is -Infinity",
                "{\"event_timestamp\":NaN,\"subject_id\":7,\"glucose\":1,\"created\":T} | not_a_number:"
                        + " event_timestamp",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":0,\"created\":T} | implausible_value: glucose 0"
                        + " mg/dL",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":1001,\"created\":T} | implausible_value: glucose"
                        + " 1001 mg/dL",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":-5,\"created\":T} | implausible_value: glucose -5"
                        + " mg/dL",
                "{\"event_timestamp\":946684799,\"subject_id\":7,\"glucose\":1,\"created\":T} | implausible_time:"
                        + " event_timestamp 1999-12-31T23:59:59Z is before",
                "{\"event_timestamp\":-1,\"subject_id\":7,\"glucose\":1,\"created\":T} | implausible_time:"
                        + " event_timestamp",
                "{\"event_timestamp\":9223372036854775807,\"subject_id\":7,\"glucose\":1,\"created\":T} |"
                        + " implausible_time",
                "{\"event_timestamp\":1767398400,\"subject_id\":7,\"glucose\":1,\"created\":T} | implausible_time:"
                        + " event_timestamp 2026-01-03T00:00:00Z is more than 24 h ahead",
                "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":1,\"created\":1767398400} | implausible_time:"
                        + " created"
            })
    void aBadRecordSaysWhatIsWrong(String json, String reason) {
        assertThatThrownBy(() -> parse(json.replace(":T", ":1738601222")))
                .isInstanceOf(BadRecordException.class)
                .hasMessageStartingWith(reason);
    }

    @Test
    void anOversizeMessageIsNotEvenRead() {
        assertThatThrownBy(() -> parse("x".repeat(EventLimits.DEFAULT.maxBytes() + 1)))
                .hasMessageStartingWith("too_large: 65537 bytes");
    }

    @Test
    void anOperatorMaySetTheLimits() {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", "somewhere:1");
        assertThat(EventLimits.of(properties)).isEqualTo(EventLimits.DEFAULT);
        properties.setProperty("readings.glucose.least", "40");
        properties.setProperty("readings.glucose.most", "400.5");
        properties.setProperty("readings.earliest", "2020-01-01T00:00:00Z");
        properties.setProperty("readings.ahead.hours", "1");
        properties.setProperty("readings.max.bytes", "1000");
        EventLimits limits = EventLimits.of(properties);
        StreamPlan strict = StreamPlan.of(DEFINITIONS, CgmDefinitions.TOPIC, limits, NOW);

        String reading = "{\"event_timestamp\":T,\"subject_id\":7,\"glucose\":39,\"created\":1738601223}";
        assertThatThrownBy(() -> strict.parse(
                        new ConsumerRecord<>("t", 0, 0, null, bytes(reading.replace(":T", ":1738601222")))))
                .hasMessage("implausible_value: glucose 39 mg/dL");
        assertThatThrownBy(() -> strict.parse(
                        new ConsumerRecord<>("t", 0, 0, null, bytes(reading.replace(":T", ":1500000000")))))
                .hasMessageStartingWith("implausible_time: event_timestamp 2017");
        assertThatThrownBy(() -> strict.parse(
                        new ConsumerRecord<>("t", 0, 0, null, bytes(reading.replace(":T", ":1767232800")))))
                .hasMessageEndingWith("more than 1 h ahead");
        assertThat(limits.maxBytes()).isEqualTo(1000);
    }

    @Test
    void limitsThatCannotBeMeantAreRefused() {
        for (String wrong : List.of(
                "readings.glucose.mots=1",
                "readings.glucose.most=much",
                "readings.glucose.most=0",
                "readings.earliest=yesterday",
                "readings.max.bytes=2000000",
                "readings.ahead.hours=-1")) {
            Properties properties = new Properties();
            properties.setProperty(wrong.split("=", 2)[0], wrong.split("=", 2)[1]);
            assertThatThrownBy(() -> EventLimits.of(properties))
                    .as(wrong)
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.INVALID_CONFIG));
        }
    }

    @Test
    void aMessageWithoutBytesIsBad() {
        assertThatThrownBy(() -> PLAN.parse(new ConsumerRecord<>("t", 0, 0, null, null)))
                .hasMessage("not_json: the message is empty");
    }

    @Test
    void everyTypeOfColumnIsRead() throws Exception {
        TableSchema table = new TableSchema(
                "all",
                List.of(new Field("id", ValueType.STRING)),
                "at",
                "created",
                List.of(
                        new Field("i", ValueType.INT32),
                        new Field("f", ValueType.FLOAT),
                        new Field("d", ValueType.DOUBLE),
                        new Field("b", ValueType.BOOL),
                        new Field("s", ValueType.STRING),
                        new Field("bytes", ValueType.BYTES),
                        new Field("t", ValueType.UNIX_TIMESTAMP),
                        new Field("none", ValueType.DOUBLE)));
        EventParser parser = EventParser.of(table, EventLimits.DEFAULT, NOW);

        HistoryRow row =
                parser.parse(bytes("{\"id\":\"ü\",\"at\":1738601222,\"created\":1738601222000,\"i\":-3,\"f\":1.5,"
                        + "\"d\":2,\"b\":true,\"s\":\"x\",\"bytes\":\"AQI=\",\"t\":1738601222,\"none\":null}"));

        assertThat(row.joinKeys()).containsExactly("ü");
        assertThat(row.row().values())
                .containsExactly(-3, 1.5f, 2.0, true, "x", new byte[] {1, 2}, 1_738_601_222_000_000L, null);
        assertThatThrownBy(() -> parser.parse(bytes("{\"i\":2147483648}")))
                .hasMessage("wrong_type: 'i' must be INT32, not 2147483648");
        assertThatThrownBy(() -> parser.parse(bytes("{\"f\":1e39}")))
                .hasMessage("wrong_type: 'f' must be FLOAT, not 1E+39");
        assertThatThrownBy(() -> parser.parse(bytes("{\"d\":1e400}"))).hasMessageStartingWith("wrong_type: 'd'");
        assertThatThrownBy(() -> parser.parse(bytes("{\"bytes\":\"?\"}")))
                .hasMessage("wrong_type: 'bytes' must be BYTES in base64, not \"?\"");
    }

    @Property(tries = 2_000)
    void mutatedBytesAreReadOrRefusedButNeverBreakTheParser(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] message =
                bytes("{\"event_timestamp\":1738601222,\"subject_id\":7,\"glucose\":104,\"created\":1738601223}");
        for (int i = random.nextInt(4); i >= 0; i--) {
            message[random.nextInt(message.length)] = (byte) random.nextInt(256);
        }
        try {
            assertThat(PLAN.parse(new ConsumerRecord<>("t", 0, 0, null, message))
                            .row()
                            .value(0))
                    .isInstanceOf(Long.class);
        } catch (BadRecordException refused) {
            assertThat(refused.text()).contains(": ");
        }
    }

    private static HistoryRow parse(String json) throws BadRecordException {
        return PLAN.parse(new ConsumerRecord<>("t", 0, 0, null, bytes(json)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
