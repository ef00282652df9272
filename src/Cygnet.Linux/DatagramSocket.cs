// One datagram socket with its receive thread: local addresses by packet info, batches by recvmmsg and by segment offload.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cygnet.Linux.Native;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>
/// What a socket received: one datagram, or several of <paramref name="segmentSize"/> bytes (the last may be shorter) if that is not 0.
/// <paramref name="isLast"/>: nothing else was waiting in the socket.
/// </summary>
delegate void ReceiveHandler(Endpoint local, Endpoint remote, Span<byte> data, int segmentSize, byte trafficClass, bool isLast);

/// <summary>
/// A UDP or raw socket of one family. Everything is opened by the constructor on the calling thread, so that it belongs to that
/// thread's network namespace. Sending is thread safe.
/// </summary>
sealed unsafe class DatagramSocket : IDisposable
{
    // The kernel takes at most 64 segments in one call, and a datagram of 65,535 bytes less the headers.
    const int MaxSegments = 64;
    const int MaxSegmentedBytes = 65_000;
    const int BufferBytes = 65_536;

    readonly Descriptor _socket;
    readonly int _fd;
    readonly bool _isUdp;
    Thread? _thread;
    volatile bool _stopping;
    volatile bool _segmentsRefused;

    /// <summary>The port it is bound to; 0 for raw sockets.</summary>
    internal ushort Port { get; }
    internal bool IsIPv6 { get; }

    DatagramSocket(Descriptor socket, bool isIPv6, bool isUdp, ushort port)
    {
        (_socket, _fd, IsIPv6, _isUdp, Port) = (socket, socket.Fd, isIPv6, isUdp, port);
    }

    internal static DatagramSocket OpenUdp(bool ipv6, Address bind, ushort port, uint mark, int bufferBytes)
    {
        var what = $"UDP socket on {(ipv6 ? "IPv6" : "IPv4")} port {port}";
        var socket = Open(ipv6, SockType.Datagram, 0, mark, bufferBytes, what);
        try
        {
            var address = stackalloc byte[SocketAddress.MaxLength];
            var length = SocketAddress.Write(new(bind.IsAny ? (ipv6 ? Address.Any6 : Address.Any4) : bind, port), new Span<byte>(address, SocketAddress.MaxLength));
            if (Libc.Bind(socket.Fd, address, length) != 0) throw new LinuxException(Libc.Errno, what);
            if (Libc.GetSockName(socket.Fd, address, &length) != 0) throw new LinuxException(Libc.Errno, what);
            return new(socket, ipv6, true, SocketAddress.Read(new ReadOnlySpan<byte>(address, SocketAddress.MaxLength)).Port);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A raw socket of an IP protocol; the kernel builds the IP header.</summary>
    internal static DatagramSocket OpenRaw(bool ipv6, int protocol, uint mark, int bufferBytes) =>
        new(Open(ipv6, SockType.Raw, protocol, mark, bufferBytes, $"raw {(ipv6 ? "IPv6" : "IPv4")} socket of protocol {protocol}"), ipv6, false, 0);

    static Descriptor Open(bool ipv6, int type, int protocol, uint mark, int bufferBytes, string what)
    {
        var socket = Descriptor.Take(Libc.Socket(ipv6 ? Af.Inet6 : Af.Inet, type | SockType.CloseOnExec, protocol), what);
        var fd = socket.Fd;
        if (ipv6)
        {
            Set(fd, Sol.IPv6, SockOpt.IPv6Only, 1);
            Set(fd, Sol.IPv6, SockOpt.IPv6ReceivePacketInfo, 1);
            Set(fd, Sol.IPv6, SockOpt.IPv6ReceiveTrafficClass, 1);
            Set(fd, Sol.IPv6, SockOpt.IPv6MtuDiscover, SockOpt.PmtuDiscoverDont);
        }
        else
        {
            Set(fd, Sol.Ip, SockOpt.IpPacketInfo, 1);
            Set(fd, Sol.Ip, SockOpt.IpReceiveTos, 1);
            // Outer packets may be fragmented on the way: ESP cannot shrink what it was given.
            Set(fd, Sol.Ip, SockOpt.IpMtuDiscover, SockOpt.PmtuDiscoverDont);
        }
        // Without CAP_NET_ADMIN there is no mark, and then no routing rule either.
        if (mark != 0) Set(fd, Sol.Socket, SockOpt.Mark, (int)mark);
        foreach (var (force, plain) in ((int, int)[])[(SockOpt.ReceiveBufferForce, SockOpt.ReceiveBuffer), (SockOpt.SendBufferForce, SockOpt.SendBuffer)])
            if (!Set(fd, Sol.Socket, force, bufferBytes)) Set(fd, Sol.Socket, plain, bufferBytes);
        return socket;
    }

    static bool Set(int fd, int level, int option, int value) => Libc.SetSockOpt(fd, level, option, &value, sizeof(int)) == 0;

    /// <summary>Sets an integer option; false if the kernel refuses.</summary>
    internal bool SetOption(int level, int option, int value) => Set(_fd, level, option, value);

    /// <summary>Starts the receive thread; <paramref name="endBatch"/> follows what one call of the kernel brought. What the handlers throw goes to <paramref name="fault"/>, and the thread goes on.</summary>
    internal void Start(string threadName, int batch, ReceiveHandler handler, Action? endBatch, Action<Exception>? fault)
    {
        _thread = new Thread(() => ReceiveLoop(batch, handler, endBatch, fault)) { IsBackground = true, Name = threadName };
        _thread.Start();
    }

    void ReceiveLoop(int batch, ReceiveHandler handler, Action? endBatch, Action<Exception>? fault)
    {
        var room = (nuint)(batch * (BufferBytes + ControlMessages.Room + SocketAddress.MaxLength + sizeof(MultiMessageHeader) + sizeof(IoVector)));
        var memory = (byte*)NativeMemory.AllocZeroed(room);
        try
        {
            var at = memory;
            var buffers = at; at += batch * BufferBytes;
            var headers = (MultiMessageHeader*)at; at += batch * sizeof(MultiMessageHeader);
            var vectors = (IoVector*)at; at += batch * sizeof(IoVector);
            var controls = at; at += batch * ControlMessages.Room;
            var names = at;
            for (var i = 0; i < batch; i++)
            {
                vectors[i] = new() { Data = buffers + i * BufferBytes, Length = BufferBytes };
                headers[i].Header.Name = names + i * SocketAddress.MaxLength;
                headers[i].Header.Vectors = vectors + i;
                headers[i].Header.VectorCount = 1;
                headers[i].Header.Control = controls + i * ControlMessages.Room;
            }
            while (!_stopping)
            {
                for (var i = 0; i < batch; i++)
                {
                    headers[i].Header.NameLength = SocketAddress.MaxLength;
                    headers[i].Header.ControlLength = ControlMessages.Room;
                }
                var count = Libc.RecvMMsg(_fd, headers, (uint)batch, MsgFlag.WaitForOne, null);
                if (_stopping) return;
                if (count < 0 && Libc.Errno != Errno.EINTR) Thread.Sleep(10); // out of memory, say: no reason to spin
                try
                {
                    for (var i = 0; i < count; i++)
                        if ((headers[i].Header.Flags & MsgFlag.Truncated) == 0) Deliver(ref headers[i], vectors[i].Data, count < batch && i == count - 1, handler, fault);
                    endBatch?.Invoke();
                }
                catch (Exception e) when (fault is not null)
                {
                    fault(e);
                }
            }
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    void Deliver(ref MultiMessageHeader message, byte* data, bool isLast, ReceiveHandler handler, Action<Exception>? fault)
    {
        var remote = SocketAddress.Read(new ReadOnlySpan<byte>(message.Header.Name, SocketAddress.MaxLength));
        var local = IsIPv6 ? Address.Any6 : Address.Any4;
        ControlMessages.Read(new(message.Header.Control, (int)message.Header.ControlLength), ref local, out var trafficClass, out var segmentSize);
        try
        {
            handler(new(local, Port), _isUdp ? remote : remote with { Port = 0 }, new(data, (int)message.Length), segmentSize, trafficClass, isLast);
        }
        catch (Exception e) when (fault is not null)
        {
            // A stranger's packet must not end the thread that everybody's packets come through.
            fault(e);
        }
    }

    /// <summary>Sends one datagram made of two parts. Returns 0 or the error number.</summary>
    [SkipLocalsInit]
    internal int Send(Address source, Endpoint remote, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, byte trafficClass = 0)
    {
        fixed (byte* first = head, second = body)
        {
            var vectors = stackalloc IoVector[2];
            vectors[0] = new() { Data = first, Length = head.Length };
            vectors[1] = new() { Data = second, Length = body.Length };
            return Send(source, remote, vectors, 2, 0, trafficClass);
        }
    }

    /// <summary>
    /// Sends packets that lie one behind the other, all of <paramref name="segmentSize"/> bytes but the last, which may be shorter;
    /// in as few calls as the kernel allows. Returns 0 or the first error number.
    /// </summary>
    [SkipLocalsInit]
    internal int SendSegments(Address source, Endpoint remote, ReadOnlySpan<byte> packets, int segmentSize, byte trafficClass)
    {
        var error = 0;
        fixed (byte* start = packets)
        {
            if (packets.Length <= segmentSize) return SendOne(source, remote, start, packets.Length, 0, trafficClass);
            if (!_isUdp || _segmentsRefused) return SendEach(source, remote, start, packets.Length, segmentSize, trafficClass);
            var step = Math.Max(1, Math.Min(MaxSegments, MaxSegmentedBytes / segmentSize)) * segmentSize;
            for (var at = 0; at < packets.Length; at += step)
            {
                var length = Math.Min(step, packets.Length - at);
                var result = SendOne(source, remote, start + at, length, length > segmentSize ? segmentSize : 0, trafficClass);
                if (length > segmentSize && result is Errno.EIO or Errno.EINVAL or Errno.EMSGSIZE)
                {
                    // EIO: the device cannot checksum segments, and never will. The others: these segments must be fragmented.
                    if (result == Errno.EIO) _segmentsRefused = true;
                    result = SendEach(source, remote, start + at, length, segmentSize, trafficClass);
                }
                if (error == 0) error = result;
            }
        }
        return error;
    }

    int SendOne(Address source, Endpoint remote, byte* data, int length, int segmentSize, byte trafficClass)
    {
        var vector = new IoVector { Data = data, Length = length };
        return Send(source, remote, &vector, 1, segmentSize, trafficClass);
    }

    [SkipLocalsInit]
    int Send(Address source, Endpoint remote, IoVector* vectors, int count, int segmentSize, byte trafficClass)
    {
        var name = stackalloc byte[SocketAddress.MaxLength];
        var control = stackalloc byte[ControlMessages.Room];
        var message = Header(source, remote, name, control, segmentSize, trafficClass);
        message.Vectors = vectors;
        message.VectorCount = count;
        while (Libc.SendMsg(_fd, &message, MsgFlag.NoSignal) < 0)
            if (Libc.Errno is var errno and not Errno.EINTR) return errno;
        return 0;
    }

    [SkipLocalsInit]
    int SendEach(Address source, Endpoint remote, byte* data, int length, int segmentSize, byte trafficClass)
    {
        var name = stackalloc byte[SocketAddress.MaxLength];
        var control = stackalloc byte[ControlMessages.Room];
        var header = Header(source, remote, name, control, 0, trafficClass);
        var vectors = stackalloc IoVector[MaxSegments];
        var headers = stackalloc MultiMessageHeader[MaxSegments];
        var error = 0;
        while (length > 0)
        {
            var count = 0;
            for (; count < MaxSegments && length > 0; count++)
            {
                var size = Math.Min(segmentSize, length);
                vectors[count] = new() { Data = data, Length = size };
                headers[count] = new() { Header = header };
                headers[count].Header.Vectors = vectors + count;
                headers[count].Header.VectorCount = 1;
                data += size;
                length -= size;
            }
            for (var sent = 0; sent < count;)
            {
                var done = Libc.SendMMsg(_fd, headers + sent, (uint)(count - sent), MsgFlag.NoSignal);
                if (done > 0)
                {
                    sent += done;
                    continue;
                }
                var errno = Libc.Errno;
                if (errno == Errno.EINTR) continue;
                if (error == 0) error = errno;
                sent++; // the packet that failed is lost; the next may be shorter
            }
        }
        return error;
    }

    static MessageHeader Header(Address source, Endpoint remote, byte* name, byte* control, int segmentSize, byte trafficClass)
    {
        var controlLength = ControlMessages.Write(new(control, ControlMessages.Room), source, remote.Address.IsIPv6, trafficClass, segmentSize);
        return new()
        {
            Name = name,
            NameLength = (uint)SocketAddress.Write(remote, new(name, SocketAddress.MaxLength)),
            Control = controlLength > 0 ? control : null,
            ControlLength = controlLength,
        };
    }

    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        // Answers ENOTCONN, but wakes the receiver.
        const int both = 2;
        _ = Libc.Shutdown(_fd, both);
        if (_thread is not null && _thread != Thread.CurrentThread) _thread.Join();
        _socket.Dispose();
    }
}
