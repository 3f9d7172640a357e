package io.glucogrid.feature;

/** Types of join keys and features, with the Java type that rows hold in memory. */
public enum ValueType {
    INT32(Integer.class),
    INT64(Long.class),
    FLOAT(Float.class),
    DOUBLE(Double.class),
    BOOL(Boolean.class),
    STRING(String.class),
    BYTES(byte[].class),
    /** Held as microseconds since the epoch; served as whole seconds. */
    UNIX_TIMESTAMP(Long.class);

    private final Class<?> javaType;

    ValueType(Class<?> javaType) {
        this.javaType = javaType;
    }

    /** Class of a non-null value of this type in a {@link FeatureRow}. */
    public Class<?> javaType() {
        return javaType;
    }
}
