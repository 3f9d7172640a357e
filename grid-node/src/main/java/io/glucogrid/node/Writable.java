package io.glucogrid.node;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.TierStorage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out before a node starts whether it can write where it will have to. */
final class Writable {
    private Writable() {}

    /** The directory, made where it is missing; INVALID_CONFIG with the setting's key where it cannot be written. */
    static Path directory(Path directory, Setting setting) {
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, ".write-", ".check"));
            return directory;
        } catch (IOException failure) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG,
                    directory + " (" + setting.key() + ") cannot be written: " + reason(failure),
                    failure);
        }
    }

    /** The tier, which must be of a kind that is known and can be written. */
    static void tier(URI tier) {
        if ("file".equals(tier.getScheme())) {
            directory(Path.of(tier), Setting.OFFLINE_URI);
        } else {
            TierStorage.open(tier);
        }
    }

    private static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException denied) {
            return "no permission for " + denied.getFile();
        }
        if (failure instanceof FileAlreadyExistsException exists) {
            return exists.getFile() + " is a file";
        }
        return String.valueOf(failure.getMessage());
    }
}
