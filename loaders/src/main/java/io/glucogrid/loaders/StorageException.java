package io.glucogrid.loaders;

import java.io.IOException;
import java.nio.file.NoSuchFileException;

/** The storage did not answer, which says nothing about the file that was to be read: it is not damaged. */
final class StorageException extends IOException {
    private static final long serialVersionUID = 1L;

    StorageException(String message, IOException cause) {
        super(message, cause);
    }

    /**
     * Throws what a failure comes from where that is the storage or a file that has gone; returns where it may be damage.
     * Libraries between the storage and us wrap what it throws.
     */
    static void rethrow(Throwable failure) throws IOException {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StorageException || cause instanceof NoSuchFileException) {
                throw (IOException) cause;
            }
        }
    }
}
