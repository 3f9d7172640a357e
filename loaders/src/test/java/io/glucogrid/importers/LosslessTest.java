package io.glucogrid.importers;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.feature.ValueType;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LosslessTest {
    private static Object value(Object value, ValueType from, ValueType to) {
        Object made = Lossless.value(value, from, to);
        return made == Lossless.MISFIT ? "misfit" : made;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INT64 | 7 | 7",
                "INT64 | 7.0 | 7",
                "INT64 | 7.5 | misfit",
                "INT64 | 9223372036854775808 | misfit",
                "INT64 | ' ' | ",
                "INT64 | NA | misfit",
                "INT32 | 2147483648 | misfit",
                "INT32 | 1e3 | 1000",
                "DOUBLE | 0.1 | 0.1",
                "DOUBLE | NaN | ",
                "DOUBLE | 1e999 | misfit",
                "DOUBLE | Infinity | misfit",
                "FLOAT | 0.1 | 0.1",
                "BOOL | True | true",
                "BOOL | 1 | misfit",
                "STRING | ' ' | ' '",
                "BYTES | ! | misfit",
                "UNIX_TIMESTAMP | 1700000000 | 1700000000000000",
                "UNIX_TIMESTAMP | 1700000000.5 | 1700000000500000",
                "UNIX_TIMESTAMP | 1700000000123 | 1700000000123000",
                "UNIX_TIMESTAMP | 1700000000123456789 | 1700000000123456",
                "UNIX_TIMESTAMP | 2023-11-14 22:13:20 | 1700000000000000",
                "UNIX_TIMESTAMP | 2023-11-14T22:13:20.123456789Z | 1700000000123456",
                "UNIX_TIMESTAMP | 2023-11-14 23:13:20+01 | 1700000000000000",
                "UNIX_TIMESTAMP | 2023-11-14 23:13:20+01:00 | 1700000000000000",
                "UNIX_TIMESTAMP | 1969-12-31T23:59:59.9999999Z | -1",
                "UNIX_TIMESTAMP | 2023-11-14 | 1699920000000000",
                "UNIX_TIMESTAMP | 2023-13-14 | misfit",
                "UNIX_TIMESTAMP | today | misfit"
            })
    void aTextIsWhatItReadsAs(ValueType to, String text, String expected) {
        Object made = value(text, ValueType.STRING, to);
        assertThat(made == null ? null : made.toString()).isEqualTo(expected);
        assertThat(made == null || made.equals("misfit") || to.javaType().isInstance(made))
                .isTrue();
    }

    @Test
    void numbersFitWhateverHoldsThemExactly() {
        assertThat(value(7, ValueType.INT32, ValueType.INT64)).isEqualTo(7L);
        assertThat(value(1L << 31, ValueType.INT64, ValueType.INT32)).isEqualTo("misfit");
        assertThat(value((1L << 53) + 1, ValueType.INT64, ValueType.DOUBLE)).isEqualTo("misfit");
        assertThat(value((1L << 53) + 2, ValueType.INT64, ValueType.DOUBLE)).isEqualTo(9.007199254740994E15);
        assertThat(value(108.0, ValueType.DOUBLE, ValueType.INT64)).isEqualTo(108L);
        assertThat(value(108.5, ValueType.DOUBLE, ValueType.INT64)).isEqualTo("misfit");
        assertThat(value(0.1, ValueType.DOUBLE, ValueType.FLOAT)).isEqualTo("misfit");
        assertThat(value(0.125, ValueType.DOUBLE, ValueType.FLOAT)).isEqualTo(0.125f);
        assertThat(value(0.1f, ValueType.FLOAT, ValueType.DOUBLE)).isEqualTo((double) 0.1f);
        assertThat(value(Double.POSITIVE_INFINITY, ValueType.DOUBLE, ValueType.DOUBLE))
                .isEqualTo("misfit");
        assertThat(value(Float.NaN, ValueType.FLOAT, ValueType.DOUBLE)).isNull();
        assertThat(value(7L, ValueType.INT64, ValueType.STRING)).isEqualTo("7");
        assertThat(value(7.0, ValueType.DOUBLE, ValueType.STRING)).isEqualTo("misfit");
        assertThat(value(1L, ValueType.INT64, ValueType.BOOL)).isEqualTo("misfit");
        assertThat(value(1_700_000_000L, ValueType.INT64, ValueType.UNIX_TIMESTAMP))
                .isEqualTo(1_700_000_000_000_000L);
        assertThat(value(new byte[] {'a'}, ValueType.BYTES, ValueType.STRING)).isEqualTo("a");
        assertThat(value(new byte[] {(byte) 0xff}, ValueType.BYTES, ValueType.STRING))
                .isEqualTo("misfit");
        assertThat(Arrays.equals(new byte[] {1}, (byte[]) value("AQ==", ValueType.STRING, ValueType.BYTES)))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(ValueType.class)
    void aTimeIsNoNumberAndNothingIsNothing(ValueType to) {
        assertThat(value(null, to, to)).isNull();
        assertThat(value(5L, ValueType.UNIX_TIMESTAMP, to))
                .isEqualTo(to == ValueType.UNIX_TIMESTAMP ? 5L : (Object) "misfit");
        assertThat(value(Long.MAX_VALUE, ValueType.UNIX_TIMESTAMP, to)).isEqualTo("misfit");
    }
}
