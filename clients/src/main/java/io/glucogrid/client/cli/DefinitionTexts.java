package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Definition files of this machine as the grid takes them: their texts by name. */
final class DefinitionTexts {
    private DefinitionTexts() {}

    /**
     * A request with the texts of the files; without {@code files} where none is given, so that the node takes its own.
     *
     * @throws GridException INVALID_REQUEST for a file that cannot be read
     */
    static ObjectNode request(List<Path> files) {
        ObjectNode request = Json.object();
        if (files.isEmpty()) {
            return request;
        }
        ObjectNode texts = request.putObject("files");
        for (Path file : files) {
            try {
                texts.put(file.toString(), Files.readString(file));
            } catch (IOException unreadable) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "'" + file + "' cannot be read: " + unreadable.getMessage(),
                        unreadable);
            }
        }
        return request;
    }
}
