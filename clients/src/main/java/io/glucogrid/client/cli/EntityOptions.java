package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.glucogrid.cgm.Cgm;
import java.util.List;
import picocli.CommandLine.Option;

/** Which entities are asked for, and by which feature service: the options of the verbs that read online features. */
final class EntityOptions {
    @Option(
            names = "--service",
            paramLabel = "NAME",
            defaultValue = Cgm.ONLINE_SERVICE,
            description = "Feature service. Default: ${DEFAULT-VALUE}")
    private String service;

    @Option(
            names = "--entity",
            required = true,
            paramLabel = "KEY",
            description = "Subject, or join keys as name=value[,name=value]; may be repeated")
    private List<String> entities;

    String service() {
        return service;
    }

    ArrayNode entities() {
        return Entities.of(entities);
    }
}
