package io.glucogrid.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    private static final long MICROS = 1_391_581_982_000_000L;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1391581982",
                "1391581982000",
                "1391581982000000",
                "1391581982000000000",
                "1391581982000000999",
                "1391581982.0000000001",
                "2014-02-05T06:33:02Z",
                "2014-02-05T06:33:02+00:00",
                "2014-02-05T07:33:02+01:00",
                "2014-02-05T06:33:02",
                "2014-02-05 06:33:02",
                "2014-02-05t06:33:02z",
            })
    void aTimeIsUnderstoodInEveryUnit(String text) {
        Object json = text.matches("[0-9.]+") ? (Object) new BigDecimal(text) : text;

        assertThat(Timestamps.micros("t", json)).isEqualTo(MICROS);
        assertThat(Timestamps.micros("t", text)).isEqualTo(MICROS);
    }

    @Property
    void aWholeNumberIsTheSameTimeInEveryForm(@ForAll long number) {
        Object[] forms = {number, BigDecimal.valueOf(number), BigInteger.valueOf(number), String.valueOf(number)};
        List<Object> read = new ArrayList<>();
        for (Object form : forms) {
            try {
                read.add(Timestamps.micros("t", form));
            } catch (GridException refused) {
                read.add(refused.code());
            }
        }

        assertThat(read).containsOnly(read.get(0));
    }

    @Property
    void aFractionOfASecondIsExactToTheMicrosecond(
            @ForAll @LongRange(min = 946_684_800_000_000L, max = 4_102_444_800_000_000L) long micros) {
        assertThat(Timestamps.micros("t", BigDecimal.valueOf(micros, 6))).isEqualTo(micros);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"yesterday", "2014-13-01", "", "1e999999999", "-99999999999", "999999999999999999999", "T", "+"})
    void whatIsNoTimeIsRefused(String text) {
        assertThatThrownBy(() -> Timestamps.micros("t", text))
                .isInstanceOfSatisfying(
                        GridException.class, wrong -> assertThat(wrong.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining("'t' must be a time");
    }

    @ParameterizedTest
    @CsvSource({
        "0,1970-01-01T00:00:00+00:00",
        "1391581982500000,2014-02-05T06:33:02.500000+00:00",
        "-1,1969-12-31T23:59:59.999999+00:00",
        "-62135596800000000,0001-01-01T00:00:00+00:00",
    })
    void isoTimesHaveAFractionOnlyWhereThereIsOne(long micros, String text) {
        assertThat(Timestamps.iso(micros)).isEqualTo(text);
    }

    @Property
    void isoTimesAreReadBack(
            @ForAll @LongRange(min = -62_135_596_800_000_000L, max = 253_402_300_799_999_999L) long micros) {
        String iso = Timestamps.iso(micros);

        assertThat(Timestamps.micros("t", iso)).isEqualTo(micros);
        assertThat(Timestamps.micros(OffsetDateTime.parse(iso).toInstant())).isEqualTo(micros);
    }

    @Property
    void everyWholeSecondFrom1973IsToldRightInEveryUnit(
            @ForAll @LongRange(min = 100_000_000L, max = 9_000_000_000L) long seconds) {
        assertThat(Timestamps.micros("t", seconds)).isEqualTo(seconds * 1_000_000);
        assertThat(Timestamps.micros("t", seconds * 1_000)).isEqualTo(seconds * 1_000_000);
        assertThat(Timestamps.micros("t", seconds * 1_000_000)).isEqualTo(seconds * 1_000_000);
        assertThat(Timestamps.micros("t", seconds * 1_000_000_000)).isEqualTo(seconds * 1_000_000);
    }

    @ParameterizedTest
    @CsvSource({
        "INT64,163669001.0,163669001",
        "INT64,-9223372036854775808,-9223372036854775808",
        "INT32,7,7",
        "DOUBLE,7,7.0",
        "FLOAT,0.5,0.5",
    })
    void numbersCoerceWithoutLoss(ValueType type, String number, String expected) {
        Field field = new Field("f", type);

        assertThat(Coercion.value(field, new BigDecimal(number)))
                .isInstanceOf(type.javaType())
                .hasToString(expected);
        assertThat(Coercion.value(field, number)).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "INT64,100.7",
        "INT64,9223372036854775808",
        "INT32,3000000000",
        "FLOAT,1e50",
        "DOUBLE,1e999",
        "INT64,abc"
    })
    void whatDoesNotFitIsRefused(ValueType type, String value) {
        assertThatThrownBy(() -> Coercion.value(new Field("f", type), value))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("'f' must be " + type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT64", "INT32", "DOUBLE", "STRING", "UNIX_TIMESTAMP", "BYTES"})
    void aBooleanIsNothingElse(ValueType type) {
        assertThatThrownBy(() -> Coercion.value(new Field("f", type), true)).isInstanceOf(GridException.class);
    }

    @Property
    void everyLongIsTheSameInEveryForm(@ForAll long number) {
        Field field = new Field("f", ValueType.INT64);

        assertThat(Coercion.value(field, number)).isEqualTo(number);
        assertThat(Coercion.value(field, BigInteger.valueOf(number))).isEqualTo(number);
        assertThat(Coercion.value(field, String.valueOf(number))).isEqualTo(number);
    }
}
