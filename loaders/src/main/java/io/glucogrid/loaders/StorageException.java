package io.glucogrid.loaders;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;

/** The storage did not answer, or the reader was stopped, which says nothing about the file: it is not damaged. */
final class StorageException extends IOException {
    private static final long serialVersionUID = 1L;

    StorageException(String message, IOException cause) {
        super(message, cause);
    }

    /**
     * Throws what a failure comes from where that is the storage, a file that has gone, or an interrupt of this thread; returns
     * where it may be damage. Libraries between the storage and us wrap what it throws, and some copy memory through channels,
     * which an interrupt closes.
     */
    static void rethrow(Throwable failure) throws IOException {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StorageException || cause instanceof NoSuchFileException) {
                throw (IOException) cause;
            }
            if (cause instanceof ClosedChannelException || cause instanceof InterruptedIOException) {
                throw new StorageException("the read was interrupted", (IOException) cause);
            }
        }
        if (Thread.currentThread().isInterrupted()) {
            InterruptedIOException interrupted = new InterruptedIOException("the reading thread is interrupted");
            interrupted.addSuppressed(failure);
            throw new StorageException("the read was interrupted", interrupted);
        }
    }
}
