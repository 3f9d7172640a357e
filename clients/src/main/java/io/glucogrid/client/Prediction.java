package io.glucogrid.client;

/**
 * One prediction as a client sees it.
 *
 * @param glucoseMgDl predicted glucose; NaN where a feature that the model needs was missing
 * @param model {@code name@version} that made it
 */
public record Prediction(long subjectId, double glucoseMgDl, String model) {}
