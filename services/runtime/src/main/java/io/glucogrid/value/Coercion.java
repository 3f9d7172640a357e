package io.glucogrid.value;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON values as the Java values that rows hold. Whole numbers may come as {@code "7"} or {@code 7.0}; nothing is cut off or
 * rounded, and a boolean is no number.
 */
public final class Coercion {
    private static final int MAX_SHOWN_CHARS = 60;

    private Coercion() {}

    /** A join-key value: as {@link #value}, but never null. */
    public static Object key(Field field, @Nullable Object json) {
        Object value = value(field, json);
        if (value == null) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'" + field.name() + "' must not be null");
        }
        return value;
    }

    /**
     * A feature value; null stays null.
     *
     * @throws GridException INVALID_REQUEST where the value does not fit the field's type
     */
    public static @Nullable Object value(Field field, @Nullable Object json) {
        if (json == null) {
            return null;
        }
        return switch (field.type()) {
            case INT64 -> whole(field, json, Long.MIN_VALUE, Long.MAX_VALUE);
            case INT32 -> (Object) (int) whole(field, json, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case FLOAT -> (Object) (float) real(field, json, Float.MAX_VALUE);
            case DOUBLE -> (Object) real(field, json, Double.MAX_VALUE);
            case BOOL -> flag(field, json);
            case STRING -> {
                if (json instanceof String text) {
                    yield text;
                }
                throw unusable(field, json);
            }
            case BYTES -> bytes(field, json);
            case UNIX_TIMESTAMP -> (Object) Timestamps.micros(field.name(), json);
        };
    }

    /** A value for an error message: short, and without the content of structures. */
    static String shown(@Nullable Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof Map) {
            return "an object";
        }
        if (value instanceof List) {
            return "a list";
        }
        String text = value.toString();
        String cut = text.length() > MAX_SHOWN_CHARS ? text.substring(0, MAX_SHOWN_CHARS) + "…" : text;
        return value instanceof String ? "\"" + cut + "\"" : cut;
    }

    private static long whole(Field field, Object json, long least, long most) {
        long value;
        try {
            if (json instanceof Long number) {
                value = number;
            } else {
                value = decimal(field, json).longValueExact();
            }
        } catch (ArithmeticException notWhole) {
            throw unusable(field, json);
        }
        if (value < least || value > most) {
            throw unusable(field, json);
        }
        return value;
    }

    private static double real(Field field, Object json, double most) {
        double value = decimal(field, json).doubleValue();
        if (Math.abs(value) > most) {
            throw unusable(field, json);
        }
        return value;
    }

    private static BigDecimal decimal(Field field, Object json) {
        if (json instanceof BigDecimal decimal) {
            return decimal;
        }
        if (json instanceof Long number) {
            return BigDecimal.valueOf(number);
        }
        if (json instanceof BigInteger integer) {
            return new BigDecimal(integer);
        }
        if (json instanceof String text && text.length() <= MAX_SHOWN_CHARS) {
            try {
                return new BigDecimal(text.strip());
            } catch (NumberFormatException notANumber) {
                throw unusable(field, json);
            }
        }
        throw unusable(field, json);
    }

    private static Boolean flag(Field field, Object json) {
        if (json instanceof Boolean flag) {
            return flag;
        }
        if ("true".equals(json)) {
            return Boolean.TRUE;
        }
        if ("false".equals(json)) {
            return Boolean.FALSE;
        }
        throw unusable(field, json);
    }

    private static byte[] bytes(Field field, Object json) {
        if (json instanceof String text) {
            try {
                return Base64.getDecoder().decode(text);
            } catch (IllegalArgumentException notBase64) {
                throw unusable(field, json);
            }
        }
        throw unusable(field, json);
    }

    private static GridException unusable(Field field, Object json) {
        String form = field.type() == ValueType.BYTES
                ? "BYTES in base64"
                : field.type().toString();
        return new GridException(
                ErrorCode.INVALID_REQUEST, "'" + field.name() + "' must be " + form + ", not " + shown(json));
    }
}
