package io.glucogrid.expression;

import io.glucogrid.feature.ValueType;

/** What an expression works with; each is one Java class while it is computed. */
enum Kind {
    /** {@code Long}. */
    INTEGER,
    /** {@code Double}. */
    REAL,
    /** {@code Boolean}. */
    FLAG,
    /** {@code String}. */
    TEXT,
    /** {@code Long}, microseconds since the epoch. */
    TIME,
    /** The literal {@code null}, which fits every other kind. */
    NOTHING,
    /** {@code byte[]}: may be tested for null, no more. */
    BYTES;

    static Kind of(ValueType type) {
        return switch (type) {
            case INT32, INT64 -> INTEGER;
            case FLOAT, DOUBLE -> REAL;
            case BOOL -> FLAG;
            case STRING -> TEXT;
            case UNIX_TIMESTAMP -> TIME;
            case BYTES -> BYTES;
        };
    }

    boolean isNumber() {
        return this == INTEGER || this == REAL;
    }

    /** Whether a value of this kind can stand where {@code wanted} is. */
    boolean fits(Kind wanted) {
        return this == wanted || this == NOTHING || (this == INTEGER && wanted == REAL);
    }
}
