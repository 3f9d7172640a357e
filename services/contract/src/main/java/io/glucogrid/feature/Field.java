package io.glucogrid.feature;

/** A named, typed value of an entity, a view or a request. */
public record Field(String name, ValueType type) {}
