package io.glucogrid.loaders;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/**
 * A file of a Hadoop file system for Parquet.
 *
 * <p>A remote file may go, and its storage may fail, while it is open: both are told apart from damage, as {@link
 * TierStorage#input} promises. Only the end of a file that is shorter than its footer says is left as it is.
 */
final class HadoopInput implements InputFile {
    private final FileSystem files;
    private final Path path;

    HadoopInput(FileSystem files, Path path) {
        this.files = files;
        this.path = path;
    }

    @Override
    public long getLength() throws IOException {
        try {
            return files.getFileStatus(path).getLen();
        } catch (IOException failure) {
            throw explained(failure);
        }
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
        try {
            return new Stream(files.open(path));
        } catch (IOException failure) {
            throw explained(failure);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private IOException explained(IOException failure) {
        if (failure instanceof EOFException) {
            return failure;
        }
        if (failure instanceof FileNotFoundException || isGone()) {
            return (IOException) new NoSuchFileException(path.toString()).initCause(failure);
        }
        return new StorageException(path + " cannot be read now: " + failure, failure);
    }

    /** HDFS tells of the missing blocks of a file that was deleted under its reader, not of the file. */
    private boolean isGone() {
        try {
            files.getFileStatus(path);
            return false;
        } catch (FileNotFoundException gone) {
            return true;
        } catch (IOException unknown) {
            return false;
        }
    }

    private final class Stream extends ArrayReads {
        private final FSDataInputStream in;

        Stream(FSDataInputStream in) {
            this.in = in;
        }

        @Override
        public long getPos() throws IOException {
            return in.getPos();
        }

        @Override
        public void seek(long position) throws IOException {
            try {
                in.seek(position);
            } catch (IOException failure) {
                throw explained(failure);
            }
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (IOException failure) {
                throw explained(failure);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException failure) {
                throw explained(failure);
            }
        }

        @Override
        public void readFully(byte[] bytes, int offset, int length) throws IOException {
            try {
                in.readFully(bytes, offset, length);
            } catch (IOException failure) {
                throw explained(failure);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
