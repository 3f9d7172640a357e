package io.glucogrid.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest {
    private static final Map<String, ValueType> FIELDS = fields();

    private static Map<String, ValueType> fields() {
        Map<String, ValueType> fields = new LinkedHashMap<>();
        fields.put("n", ValueType.INT64);
        fields.put("small", ValueType.INT32);
        fields.put("x", ValueType.DOUBLE);
        fields.put("flag", ValueType.BOOL);
        fields.put("name", ValueType.STRING);
        fields.put("t", ValueType.UNIX_TIMESTAMP);
        fields.put("raw", ValueType.BYTES);
        return fields;
    }

    private static Object value(String text, ValueType type, Map<String, Object> inputs) {
        Expression expression = Expression.compile(text, FIELDS, type);
        return expression.evaluate(expression.inputs().stream().map(inputs::get).toArray());
    }

    private static Object value(String text, ValueType type) {
        return value(text, type, Map.of("n", 7L, "small", 3, "x", 2.5, "flag", true, "name", "Ann", "t", 0L));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 + 2 * 3 | INT64 | 7",
                "(1 + 2) * 3 | INT64 | 9",
                "10 - 2 - 3 | INT64 | 5",
                "-n % 4 | INT64 | 1",
                "7 / 2 | DOUBLE | 3.5",
                "n + x | DOUBLE | 9.5",
                "small * n | INT32 | 21",
                "n > 5 and not (x >= 3) | BOOL | true",
                "n == 7 ? 1 : 2 | INT64 | 1",
                "flag ? x : 0 | DOUBLE | 2.5",
                "if(n < 0, -1, if(n == 0, 0, 1)) | INT32 | 1",
                "coalesce(null, n) | INT64 | 7",
                "max(1, n, x) | DOUBLE | 7.0",
                "round(x) | INT64 | 3",
                "floor(-x) | INT64 | -3",
                "sqrt(16) | DOUBLE | 4.0",
                "upper(name) | STRING | ANN",
                "length(name) + 1 | INT64 | 4",
                "name == 'Ann' | BOOL | true",
                "day_of_week_mon0(t) | INT32 | 3",
                "seconds_between(t, t) | DOUBLE | 0.0",
                "hour(t, 'UTC') | INT32 | 0",
                "hour(t, 'America/New_York') | INT32 | 19",
                "day_of_week(t, 'America/New_York') | INT32 | 2",
                "minute_of_day(t, 'Asia/Kolkata') | INT32 | 330",
                "year(t, '+01:00') * 100 + month(t, '+01:00') | INT64 | 197001",
                "day_of_year(t, 'America/New_York') | INT32 | 365",
                "sign(-x) | DOUBLE | -1.0",
            })
    void computesWhatItSays(String text, ValueType type, String expected) {
        assertThat(value(text, type)).isInstanceOf(type.javaType()).hasToString(expected);
    }

    @Test
    void anHourFollowsItsZonesSummerTime() {
        long winter = 1_391_581_982_000_000L;
        long summer = 1_405_000_000_000_000L;

        assertThat(value("hour(t, 'Europe/Berlin') - hour(t, 'UTC')", ValueType.INT32, Map.of("t", winter)))
                .isEqualTo(1);
        assertThat(value("hour(t, 'Europe/Berlin') - hour(t, 'UTC')", ValueType.INT32, Map.of("t", summer)))
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "n / 0 | DOUBLE",
                "n % 0 | INT64",
                "9223372036854775807 + n | INT64",
                "-9223372036854775807 - n | INT64",
                "4611686018427387904 * n | INT64",
                "n * 1000000000 | INT32",
                "ln(0) | DOUBLE",
                "sqrt(-1) | DOUBLE",
                "exp(100000) | DOUBLE",
                "round(1e300) | INT64",
                "pow(10, 50) | FLOAT",
            })
    void whatHasNoNumberIsNull(String text, ValueType type) {
        assertThat(value(text, type)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nope + 1 | INT64 | column 1: no input is named 'nope'",
                "smal | INT32 | did you mean 'small'?",
                "hour_ut(t) | INT32 | did you mean 'hour_utc'?",
                "hour(t, 'Europe/Berln') | INT32 | did you mean 'Europe/Berlin'?",
                "hour(t, name) | INT32 | the zone as a text constant",
                "hour(t) | INT32 | a time and the name of a zone",
                "n + name | INT64 | column 3: '+' needs two numbers",
                "n | STRING | the result is INTEGER, but STRING is declared",
                "x | INT64 | the result is REAL, but INT64 is declared",
                "t + 1 | INT64 | '+' needs two numbers",
                "if(n, 1, 2) | INT64 | 'if' needs a condition",
                "if(flag, 1, name) | INT64 | 'if' needs values of one kind",
                "hour_utc(n) | INT32 | 'hour_utc' needs a time",
                "raw == raw | BOOL | needs two values of one kind",
                "n + | INT64 | column",
                "n ; 1 | INT64 | column 3",
                "99999999999999999999 | INT64 | is too large",
                "1e999 | DOUBLE | is too large",
            })
    void whatCannotBeComputedIsRefusedWithThePlace(String text, ValueType type, String problem) {
        assertThatThrownBy(() -> Expression.compile(text, FIELDS, type))
                .isInstanceOfSatisfying(
                        GridException.class, wrong -> assertThat(wrong.code()).isEqualTo(ErrorCode.INVALID_CONFIG))
                .hasMessageContaining(problem);
    }

    @Test
    void lengthNestingAndTokensAreBounded() {
        for (String text : new String[] {
            "1" + " + 1".repeat(1_000),
            "(".repeat(1_000) + "1",
            "-".repeat(390) + "1",
            "x".repeat(2_001),
            "n?".repeat(199)
        }) {
            assertThatThrownBy(() -> Expression.compile(text, FIELDS, ValueType.INT64))
                    .isInstanceOf(GridException.class);
        }
    }

    @Test
    void inputsAreOnlyThoseThatTheTextNames() {
        assertThat(Expression.compile("x + n + x", FIELDS, ValueType.DOUBLE).inputs())
                .containsExactly("x", "n");
    }

    @Property
    void nullInIsNullOut(@ForAll("texts") String text) {
        Expression expression = Expression.compile(text, FIELDS, ValueType.DOUBLE);

        assertThat(expression.evaluate(new Object[expression.inputs().size()])).isNull();
    }

    @Property
    void evaluationIsTotalAndPure(@ForAll("texts") String text, @ForAll long n, @ForAll int small, @ForAll double x) {
        Map<String, Object> inputs = Map.of("n", n, "small", small, "x", x);

        Object first = value(text, ValueType.DOUBLE, inputs);

        assertThat(value(text, ValueType.DOUBLE, inputs)).isEqualTo(first);
    }

    @Property
    void anyTextEitherCompilesOrIsRefused(@ForAll String text) {
        try {
            assertThat(Expression.compile(text, FIELDS, ValueType.INT64)).isNotNull();
        } catch (GridException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIG);
        }
    }

    @Property
    void arithmeticIsThatOfLongs(@ForAll @IntRange(min = -1000, max = 1000) int a, @ForAll @IntRange(min = 1) int b) {
        Map<String, Object> inputs = Map.of("n", (long) a, "small", b);

        assertThat(value("n * small + n - small", ValueType.INT64, inputs)).isEqualTo((long) a * b + a - b);
        assertThat(value("n % small", ValueType.INT64, inputs)).isEqualTo(Math.floorMod((long) a, (long) b));
    }

    @Property
    void timePartsAreThoseOfJavaTime(@ForAll @LongRange(min = -62_000_000_000L, max = 250_000_000_000L) long seconds) {
        Map<String, Object> inputs = Map.of("t", seconds * 1_000_000);
        var time = Instant.ofEpochSecond(seconds).atOffset(ZoneOffset.UTC);

        assertThat(value("day_of_week_mon0(t)", ValueType.INT32, inputs))
                .isEqualTo(time.getDayOfWeek().getValue() - DayOfWeek.MONDAY.getValue());
        assertThat(value("hour_utc(t)", ValueType.INT32, inputs)).isEqualTo(time.getHour());
        assertThat(value("minute_utc(t)", ValueType.INT32, inputs)).isEqualTo(time.getMinute());
        assertThat(value("month_utc(t)", ValueType.INT32, inputs)).isEqualTo(time.getMonthValue());
        assertThat(value("day_of_month_utc(t)", ValueType.INT32, inputs)).isEqualTo(time.getDayOfMonth());
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> operators = Arbitraries.of("+", "-", "*", "/", "%");
        return Arbitraries.recursive(
                () -> Arbitraries.of("n", "small", "x"),
                text -> Arbitraries.oneOf(
                        text.map(a -> "abs(-" + a + ")"),
                        text.map(a -> "max(" + a + ", n)"),
                        Combinators.combine(text, operators, Arbitraries.of("n", "small", "x"))
                                .as((a, operator, b) -> "(" + b + " " + operator + " " + a + ")")),
                0,
                8);
    }
}
