// A log file that others rotate, cut and fill the disk beside: every write goes to its end as it is then. open(2), O_APPEND.
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>
/// Write only, unbuffered. <see cref="FileMode.Append"/> would not do: .NET writes where the end was when it opened the file, so that one cut to
/// nothing meanwhile would begin with a hole. A write that fails half way leaves a part behind; the next one begins a line of its own.
/// </summary>
public sealed class AppendedFile : Stream
{
    static readonly byte[] s_newLine = "\n"u8.ToArray();

    readonly Descriptor _file;
    readonly string _path;
    bool _isTorn;

    AppendedFile(Descriptor file, string path) => (_file, _path) = (file, path);

    /// <summary>Opens the file, or makes it; its directory must exist.</summary>
    /// <param name="isEmptied">What stands in it goes.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static AppendedFile Open(string path, bool isEmptied)
    {
        const int mode = 0x1b6; // 0666, less the umask: as fopen(3) makes them
        var fd = Libc.OpenNew(path, OpenFlag.WriteOnly | OpenFlag.Create | OpenFlag.Append | OpenFlag.CloseOnExec | (isEmptied ? OpenFlag.Truncate : 0), mode);
        return fd >= 0 ? new(new(fd), path) : throw new IOException(Libc.Text(Libc.Errno));
    }

    /// <exception cref="IOException">Nothing, or a part, was written: the disk is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.IsEmpty) return;
        if (_isTorn)
        {
            _ = WriteSome(s_newLine);
            _isTorn = false;
        }
        while (!buffer.IsEmpty)
        {
            buffer = buffer[WriteSome(buffer)..];
            _isTorn = !buffer.IsEmpty;
        }
    }

    unsafe int WriteSome(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        fixed (byte* data = bytes)
            while (true)
            {
                var written = Libc.Write(_file.Fd, data, bytes.Length);
                if (written > 0) return (int)written;
                if (written == 0) throw new IOException($"{_path} takes nothing");
                if (Libc.Errno != Errno.EINTR) throw new IOException(Libc.Text(Libc.Errno));
            }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
