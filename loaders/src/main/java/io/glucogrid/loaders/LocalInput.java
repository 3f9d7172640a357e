package io.glucogrid.loaders;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/**
 * A local file for Parquet, read in blocks: the stream of Parquet's own {@code LocalInputFile} makes a system call for each byte
 * wherever a caller does not use its {@code readFully}. Not a channel, which an interrupt of the reading thread would close.
 */
public final class LocalInput implements InputFile {
    private final Path path;
    private final Storage storage;

    public LocalInput(Path path) {
        this(path, () -> {});
    }

    /** {@code storage} is asked before a file is said to be missing. */
    LocalInput(Path path, Storage storage) {
        this.path = path;
        this.storage = storage;
    }

    /** Where the file lies. */
    interface Storage {
        /** Throws where it is not there itself, so that nothing can be said about a file. */
        void requirePresent() throws IOException;
    }

    @Override
    public long getLength() throws IOException {
        try {
            return Files.size(path);
        } catch (NoSuchFileException gone) {
            storage.requirePresent();
            throw gone;
        } catch (IOException failure) {
            throw explained(failure);
        }
    }

    /** A missing file is a {@link NoSuchFileException}; one that cannot be opened is another {@link IOException}. */
    @Override
    public SeekableInputStream newStream() throws IOException {
        try {
            return new Stream(new RandomAccessFile(path.toFile(), "r"));
        } catch (FileNotFoundException failure) {
            storage.requirePresent();
            if (Files.notExists(path)) {
                throw (NoSuchFileException) new NoSuchFileException(path.toString()).initCause(failure);
            }
            throw new IOException(failure.getMessage(), failure);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /** What the disk refuses to give says nothing about the file; only its end does. */
    private static IOException explained(IOException failure) {
        return failure instanceof EOFException ? failure : new StorageException(failure.toString(), failure);
    }

    private static final class Stream extends ArrayReads {
        private final RandomAccessFile file;

        Stream(RandomAccessFile file) {
            this.file = file;
        }

        @Override
        public long getPos() throws IOException {
            return file.getFilePointer();
        }

        @Override
        public void seek(long position) throws IOException {
            try {
                file.seek(position);
            } catch (IOException failure) {
                throw explained(failure);
            }
        }

        @Override
        public int read() throws IOException {
            try {
                return file.read();
            } catch (IOException failure) {
                throw explained(failure);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return file.read(bytes, offset, length);
            } catch (IOException failure) {
                throw explained(failure);
            }
        }

        @Override
        public void readFully(byte[] bytes, int offset, int length) throws IOException {
            try {
                file.readFully(bytes, offset, length);
            } catch (IOException failure) {
                throw explained(failure);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
