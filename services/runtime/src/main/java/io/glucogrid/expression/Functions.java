package io.glucogrid.expression;

import io.glucogrid.feature.TimeParts;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.value.Timestamps;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The functions of the language. Null in, null out, but for {@code if}, {@code coalesce} and {@code is_null}. */
final class Functions {
    private static final Map<String, Function> ALL = all();

    private Functions() {}

    /** Compiles a call whose arguments are compiled. */
    interface Function {
        Typed call(List<Typed> arguments);
    }

    /** An argument that a function cannot take; the compiler knows the place. */
    static final class WrongArguments extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongArguments(String wanted) {
            super(wanted, null, false, false);
        }
    }

    static Map<String, Function> all() {
        Map<String, Function> functions = new TreeMap<>();
        functions.put("abs", arguments -> {
            Typed value = only(arguments, "a number");
            Step step = value.step();
            return switch (value.kind()) {
                case INTEGER ->
                    new Typed(
                            Kind.INTEGER,
                            inputs -> step.of(inputs) instanceof Long n && n != Long.MIN_VALUE
                                    ? (Object) Math.abs(n)
                                    : null);
                case REAL ->
                    new Typed(Kind.REAL, inputs -> step.of(inputs) instanceof Double n ? (Object) Math.abs(n) : null);
                default -> throw new WrongArguments("a number");
            };
        });
        functions.put("min", arguments -> extreme(arguments, Math::min, Math::min));
        functions.put("max", arguments -> extreme(arguments, Math::max, Math::max));
        functions.put("sqrt", real(Math::sqrt));
        functions.put("exp", real(Math::exp));
        functions.put("ln", real(Math::log));
        functions.put("log10", real(Math::log10));
        functions.put("sin", real(Math::sin));
        functions.put("cos", real(Math::cos));
        functions.put("tan", real(Math::tan));
        functions.put("sign", real(Math::signum));
        functions.put("pow", real(Math::pow));
        functions.put("floor", rounded(Math::floor));
        functions.put("ceil", rounded(Math::ceil));
        functions.put("round", rounded(value -> Math.floor(value + 0.5)));
        functions.put(
                "to_real", arguments -> only(arguments, "a number", Kind.REAL).asReal());
        functions.put("if", Functions::conditional);
        functions.put("coalesce", Functions::coalesce);
        functions.put("is_null", arguments -> {
            Step step = only(arguments, "one value").step();
            return new Typed(Kind.FLAG, inputs -> step.of(inputs) == null);
        });
        functions.put("day_of_week_mon0", timePart(TimeParts::dayOfWeek));
        functions.put("hour_utc", timePart(TimeParts::hour));
        functions.put("minute_utc", timePart(micros -> Math.floorMod(Math.floorDiv(micros, 60_000_000L), 60L)));
        functions.put(
                "minute_of_day_utc", timePart(micros -> Math.floorMod(Math.floorDiv(micros, 60_000_000L), 1440L)));
        functions.put("day_of_month_utc", timePart(micros -> date(micros).getDayOfMonth()));
        functions.put("month_utc", timePart(micros -> date(micros).getMonthValue()));
        functions.put("hour", zonedPart(ZonedDateTime::getHour));
        functions.put("minute", zonedPart(ZonedDateTime::getMinute));
        functions.put("minute_of_day", zonedPart(time -> time.getHour() * 60 + time.getMinute()));
        functions.put("day_of_week", zonedPart(time -> time.getDayOfWeek().getValue() - 1));
        functions.put("day_of_month", zonedPart(ZonedDateTime::getDayOfMonth));
        functions.put("day_of_year", zonedPart(ZonedDateTime::getDayOfYear));
        functions.put("month", zonedPart(ZonedDateTime::getMonthValue));
        functions.put("year", zonedPart(ZonedDateTime::getYear));
        functions.put("epoch_seconds", timePart(micros -> Math.floorDiv(micros, Timestamps.MICROS_PER_SECOND)));
        functions.put("seconds_between", Functions::secondsBetween);
        functions.put("length", arguments -> {
            Step step = only(arguments, "a text", Kind.TEXT).step();
            return new Typed(
                    Kind.INTEGER,
                    inputs -> step.of(inputs) instanceof String text
                            ? (Object) (long) text.codePointCount(0, text.length())
                            : null);
        });
        functions.put("lower", text(value -> value.toLowerCase(Locale.ROOT)));
        functions.put("upper", text(value -> value.toUpperCase(Locale.ROOT)));
        return Collections.unmodifiableMap(functions);
    }

    static @Nullable Function named(String name) {
        return ALL.get(name);
    }

    static Iterable<String> names() {
        return ALL.keySet();
    }

    /** {@code if(condition, a, b)}; null where the condition is. */
    static Typed conditional(List<Typed> arguments) {
        if (arguments.size() != 3 || !arguments.get(0).kind().fits(Kind.FLAG)) {
            throw new WrongArguments("a condition and two values of one kind");
        }
        Kind kind = common(arguments.subList(1, 3));
        Step condition = arguments.get(0).step();
        Step then = as(kind, arguments.get(1));
        Step otherwise = as(kind, arguments.get(2));
        return new Typed(kind, inputs -> {
            Object held = condition.of(inputs);
            return held == null ? null : (Boolean) held ? then.of(inputs) : otherwise.of(inputs);
        });
    }

    private static Typed coalesce(List<Typed> arguments) {
        if (arguments.isEmpty()) {
            throw new WrongArguments("one or more values of one kind");
        }
        Kind kind = common(arguments);
        Step[] steps = arguments.stream().map(argument -> as(kind, argument)).toArray(Step[]::new);
        return new Typed(kind, inputs -> {
            for (Step step : steps) {
                Object value = step.of(inputs);
                if (value != null) {
                    return value;
                }
            }
            return null;
        });
    }

    private static Kind common(List<Typed> arguments) {
        Kind kind = Kind.NOTHING;
        for (Typed argument : arguments) {
            if (kind.fits(argument.kind())) {
                kind = argument.kind();
            } else if (!argument.kind().fits(kind)) {
                throw new WrongArguments("values of one kind");
            }
        }
        return kind;
    }

    private static Step as(Kind kind, Typed value) {
        return kind == Kind.REAL ? value.asReal().step() : value.step();
    }

    private static Typed extreme(List<Typed> arguments, LongBinaryOperator whole, DoubleBinaryOperator real) {
        if (arguments.size() < 2
                || !arguments.stream().allMatch(argument -> argument.kind().isNumber())) {
            throw new WrongArguments("two or more numbers");
        }
        Kind kind = common(arguments);
        Step[] steps = arguments.stream().map(argument -> as(kind, argument)).toArray(Step[]::new);
        return new Typed(kind, inputs -> {
            Object extreme = steps[0].of(inputs);
            for (int i = 1; i < steps.length && extreme != null; i++) {
                Object next = steps[i].of(inputs);
                if (next == null) {
                    extreme = null;
                } else if (kind == Kind.INTEGER) {
                    extreme = whole.applyAsLong((Long) extreme, (Long) next);
                } else {
                    extreme = real.applyAsDouble((Double) extreme, (Double) next);
                }
            }
            return extreme;
        });
    }

    private static Function real(DoubleUnaryOperator operator) {
        return arguments -> {
            Step step = only(arguments, "a number", Kind.REAL).asReal().step();
            return new Typed(
                    Kind.REAL,
                    inputs -> step.of(inputs) instanceof Double value ? finite(operator.applyAsDouble(value)) : null);
        };
    }

    private static Function real(DoubleBinaryOperator operator) {
        return arguments -> {
            if (arguments.size() != 2
                    || !arguments.stream().allMatch(argument -> argument.kind().fits(Kind.REAL))) {
                throw new WrongArguments("two numbers");
            }
            Step left = arguments.get(0).asReal().step();
            Step right = arguments.get(1).asReal().step();
            return new Typed(
                    Kind.REAL,
                    inputs -> left.of(inputs) instanceof Double a && right.of(inputs) instanceof Double b
                            ? finite(operator.applyAsDouble(a, b))
                            : null);
        };
    }

    private static Function rounded(DoubleUnaryOperator operator) {
        return arguments -> {
            Typed value = only(arguments, "a number", Kind.REAL);
            if (value.kind() == Kind.INTEGER) {
                return value;
            }
            Step step = value.step();
            return new Typed(Kind.INTEGER, inputs -> {
                if (!(step.of(inputs) instanceof Double number)) {
                    return null;
                }
                double rounded = operator.applyAsDouble(number);
                return Math.abs(rounded) < 0x1p63 ? (Object) (long) rounded : null;
            });
        };
    }

    private static Function timePart(LongUnaryOperator part) {
        return arguments -> {
            Step step = only(arguments, "a time", Kind.TIME).step();
            return new Typed(
                    Kind.INTEGER,
                    inputs -> step.of(inputs) instanceof Long micros ? (Object) part.applyAsLong(micros) : null);
        };
    }

    /** A part of a time in a zone that is written beside it, such as {@code hour(event_timestamp, 'Europe/Berlin')}. */
    private static Function zonedPart(ToIntFunction<ZonedDateTime> part) {
        return arguments -> {
            if (arguments.size() != 2 || !arguments.get(0).kind().fits(Kind.TIME)) {
                throw new WrongArguments("a time and the name of a zone, such as 'UTC' or 'Europe/Berlin'");
            }
            ZoneId zone = zone(arguments.get(1).constant());
            Step step = arguments.get(0).step();
            return new Typed(
                    Kind.INTEGER,
                    inputs -> step.of(inputs) instanceof Long micros
                            ? (Object) (long) part.applyAsInt(
                                    Instant.ofEpochSecond(Math.floorDiv(micros, Timestamps.MICROS_PER_SECOND))
                                            .atZone(zone))
                            : null);
        };
    }

    /** The zone is known when a definition is applied: nothing is looked up by a value. */
    private static ZoneId zone(@Nullable Object name) {
        if (name instanceof String text) {
            try {
                return ZoneId.of(text);
            } catch (DateTimeException unknown) {
                throw new WrongArguments("a zone of the IANA database instead of '" + text + "'"
                        + DidYouMean.suffix(text, ZoneId.getAvailableZoneIds()));
            }
        }
        throw new WrongArguments("the zone as a text constant, such as 'UTC' or 'Europe/Berlin'");
    }

    private static Typed secondsBetween(List<Typed> arguments) {
        if (arguments.size() != 2
                || !arguments.stream().allMatch(argument -> argument.kind().fits(Kind.TIME))) {
            throw new WrongArguments("two times");
        }
        Step from = arguments.get(0).step();
        Step to = arguments.get(1).step();
        return new Typed(
                Kind.REAL,
                inputs -> from.of(inputs) instanceof Long a && to.of(inputs) instanceof Long b
                        ? (Object) ((b - a) / (double) Timestamps.MICROS_PER_SECOND)
                        : null);
    }

    private static Function text(UnaryOperator<String> operator) {
        return arguments -> {
            Step step = only(arguments, "a text", Kind.TEXT).step();
            return new Typed(Kind.TEXT, inputs -> step.of(inputs) instanceof String text ? operator.apply(text) : null);
        };
    }

    private static Typed only(List<Typed> arguments, String wanted) {
        if (arguments.size() != 1) {
            throw new WrongArguments(wanted);
        }
        return arguments.get(0);
    }

    private static Typed only(List<Typed> arguments, String wanted, Kind kind) {
        Typed argument = only(arguments, wanted);
        if (!argument.kind().fits(kind)) {
            throw new WrongArguments(wanted);
        }
        return argument;
    }

    /** A result that JSON can carry; null for any other. */
    static @Nullable Object finite(double value) {
        return Double.isFinite(value) ? (Object) value : null;
    }

    private static LocalDate date(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, Timestamps.MICROS_PER_SECOND))
                .atOffset(ZoneOffset.UTC)
                .toLocalDate();
    }
}
