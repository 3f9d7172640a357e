package io.glucogrid.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The JSON Schema of definition files, as the distribution has it beside the shipped definitions. */
final class DefinitionsSchema {
    private static final String RESOURCE = "glucogrid/features.schema.json";

    private DefinitionsSchema() {}

    /** The schema; 404 where the distribution has none. */
    static Reply reply() {
        try (InputStream in = DefinitionsSchema.class.getClassLoader().getResourceAsStream(RESOURCE)) {
            return in == null
                    ? Reply.detail(404, "Not Found")
                    : Reply.text("application/schema+json", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
