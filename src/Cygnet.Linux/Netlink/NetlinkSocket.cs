// A netlink socket: requests with their acknowledgement, dumps, and notifications. netlink(7).
using System.Text;
using Cygnet.Linux.Native;

namespace Cygnet.Linux.Netlink;

/// <summary>One message that the kernel sent, after its header.</summary>
delegate void NetlinkAnswer(ushort type, ReadOnlySpan<byte> body);

/// <summary>Requests are answered before the call returns, one at a time; thread safe.</summary>
sealed unsafe class NetlinkSocket : IDisposable
{
    const ushort Noop = 1, Error = 2, Done = 3;
    const ushort ErrorText = 1;
    const int BufferBytes = 64 * 1024;

    readonly Descriptor _socket;
    readonly Lock _lock = new();
    readonly byte[] _buffer = new byte[BufferBytes];
    uint _sequence;

    internal NetlinkSocket(int protocol, params ReadOnlySpan<int> groups)
    {
        _socket = Descriptor.Take(Libc.Socket(Af.Netlink, SockType.Raw | SockType.CloseOnExec, protocol), "netlink socket");
        try
        {
            // Extended acknowledgements carry the kernel's own words; capped ones do not repeat our request.
            foreach (var option in (int[])[SockOpt.NetlinkExtAck, SockOpt.NetlinkCapAck]) Set(option, 1);
            var address = stackalloc byte[12];
            new Span<byte>(address, 12).Clear();
            *(ushort*)address = Af.Netlink;
            if (Libc.Bind(_socket.Fd, address, 12) != 0) throw new LinuxException(Libc.Errno, "netlink socket");
            foreach (var group in groups)
                if (!Set(SockOpt.NetlinkAddMembership, group)) throw new LinuxException(Libc.Errno, $"netlink group {group}");
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    internal int Fd => _socket.Fd;

    bool Set(int option, int value) => Libc.SetSockOpt(_socket.Fd, Sol.Netlink, option, &value, sizeof(int)) == 0;

    /// <summary>Sends a request and waits for its outcome; returns 0 or the error number, with the kernel's words.</summary>
    internal int TryRequest(NetlinkMessage message, out string? detail, NetlinkAnswer? answer = null)
    {
        lock (_lock)
        {
            var sequence = ++_sequence;
            var bytes = message.Finish(sequence);
            fixed (byte* data = bytes)
                if (Libc.Send(_socket.Fd, data, bytes.Length, 0) < 0)
                {
                    detail = null;
                    return Libc.Errno;
                }
            while (true)
            {
                var length = Receive(_socket.Fd, _buffer);
                if (length < 0)
                {
                    detail = null;
                    return Libc.Errno;
                }
                if (Scan(_buffer.AsSpan(0, length), sequence, answer, out var errno, out detail)) return errno;
            }
        }
    }

    /// <summary>As <see cref="TryRequest"/>; a failure is an exception that says what was tried.</summary>
    internal void Request(NetlinkMessage message, string what, NetlinkAnswer? answer = null)
    {
        var errno = TryRequest(message, out var detail, answer);
        if (errno != 0) throw new LinuxException(errno, what, detail);
    }

    static int Receive(int fd, byte[] buffer)
    {
        fixed (byte* data = buffer)
            while (true)
            {
                var length = (int)Libc.Recv(fd, data, buffer.Length, 0);
                if (length >= 0 || Libc.Errno != Errno.EINTR) return length;
            }
    }

    /// <summary>True when the outcome of the request is there.</summary>
    static bool Scan(ReadOnlySpan<byte> from, uint sequence, NetlinkAnswer? answer, out int errno, out string? detail)
    {
        (errno, detail) = (0, null);
        while (TakeMessage(ref from, out var type, out var flags, out var of, out var body))
        {
            if (of != sequence || type == Noop) continue; // the rest of a request that was given up
            if (type == Error || (type == Done && body.Length >= 4 && BitConverter.ToInt32(body) < 0))
            {
                errno = body.Length >= 4 ? -BitConverter.ToInt32(body) : Errno.EIO;
                if (type == Error && (flags & NetlinkFlag.AckTlvs) != 0) detail = Text(body, (flags & NetlinkFlag.Capped) != 0);
                return true;
            }
            if (type == Done) return true;
            answer?.Invoke(type, body);
        }
        return false;
    }

    static string? Text(ReadOnlySpan<byte> body, bool capped)
    {
        if (body.Length < 4 + NetlinkMessage.HeaderBytes) return null;
        var request = capped ? NetlinkMessage.HeaderBytes : (BitConverter.ToInt32(body[4..]) + 3) & ~3;
        if (request < NetlinkMessage.HeaderBytes || body.Length < 4 + request) return null;
        var attributes = new NetlinkAttributes(body[(4 + request)..]);
        while (attributes.Next())
            if (attributes.Type == ErrorText) return Encoding.UTF8.GetString(attributes.Value).TrimEnd('\0');
        return null;
    }

    static bool TakeMessage(ref ReadOnlySpan<byte> from, out ushort type, out ushort flags, out uint sequence, out ReadOnlySpan<byte> body)
    {
        (type, flags, sequence) = (0, 0, 0);
        body = default;
        if (from.Length < NetlinkMessage.HeaderBytes) return false;
        var length = BitConverter.ToInt32(from);
        if (length < NetlinkMessage.HeaderBytes || length > from.Length) return false;
        type = BitConverter.ToUInt16(from[4..]);
        flags = BitConverter.ToUInt16(from[6..]);
        sequence = BitConverter.ToUInt32(from[8..]);
        body = from[NetlinkMessage.HeaderBytes..length];
        from = from[Math.Min((length + 3) & ~3, from.Length)..];
        return true;
    }

    /// <summary>Waits for notifications and hands them out; false once the signal is set. Lost ones (the queue overran) are reported as type 0.</summary>
    internal bool ReceiveNotifications(StopSignal stop, NetlinkAnswer answer)
    {
        if (!stop.WaitReadable(_socket.Fd)) return false;
        var length = Receive(_socket.Fd, _buffer);
        if (length < 0) answer(0, default);
        ReadOnlySpan<byte> left = _buffer.AsSpan(0, Math.Max(length, 0));
        while (TakeMessage(ref left, out var type, out _, out _, out var body)) answer(type, body);
        return true;
    }

    public void Dispose() => _socket.Dispose();
}
