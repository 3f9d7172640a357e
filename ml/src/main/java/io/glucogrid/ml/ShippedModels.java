package io.glucogrid.ml;

import io.glucogrid.model.LinearModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The models inside this module's jar, each version 1 of its name. */
final class ShippedModels {
    private static final String[] RESOURCES = {"v1.json"};

    private ShippedModels() {}

    static List<LinearModel> all() {
        return List.of(RESOURCES).stream().map(ShippedModels::read).toList();
    }

    private static LinearModel read(String resource) {
        try (InputStream in = ShippedModels.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks its model " + resource);
            }
            return ModelJson.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
