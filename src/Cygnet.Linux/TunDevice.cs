// A TUN device with virtio network headers and segment offload. tuntap.rst of the kernel; VIRTIO 1.2, 5.1.6.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Cygnet.Esp;
using Cygnet.Linux.Native;
using Cygnet.Linux.Netlink;

namespace Cygnet.Linux;

/// <summary>
/// A network device whose packets come to us. It vanishes with this object, but not with a process that crashes: then it stays, with the routes that
/// lead into it, and drops what nobody reads, until the next process takes it over. Reading is for one thread, writing for any.
/// </summary>
sealed unsafe class TunDevice : IDisposable
{
    /// <summary>The longest packet the kernel hands out, its offload header included.</summary>
    internal const int FrameBytes = 65_536 + Offload.HeaderBytes;

    const nuint TunSetIff = 0x400454ca, TunSetPersist = 0x400454cb, TunSetOffload = 0x400454d0;

    /// <summary>What our devices are known by, so that somebody else's is not taken.</summary>
    internal const string Alias = "Cygnet IPsec tunnels";
    const short Tun = 1, NoPacketInfo = 0x1000, VnetHeader = 0x4000;
    const nuint OffloadChecksum = 1, OffloadTcp4 = 2, OffloadTcp6 = 4, OffloadUdp4 = 0x20, OffloadUdp6 = 0x40;
    const int NameBytes = 16, RequestBytes = 40;

    readonly Descriptor _device;
    readonly StopSignal _stop = new();

    TunDevice(Descriptor device, string name, int index, bool isTakenOver) => (_device, Name, Index, IsTakenOver) = (device, name, index, isTakenOver);

    internal string Name { get; }
    internal int Index { get; }

    /// <summary>A process that crashed left it.</summary>
    internal bool IsTakenOver { get; }

    /// <summary>Makes a device of that name, or of the next free number if it is taken, and takes it up. One of ours that nobody reads is taken over.</summary>
    internal static TunDevice Open(string name, int mtu, Rtnetlink netlink)
    {
        var device = Descriptor.Take(Libc.Open("/dev/net/tun", OpenFlag.ReadWrite | OpenFlag.NonBlock | OpenFlag.CloseOnExec), "open /dev/net/tun");
        try
        {
            (name, var isTakenOver) = Attach(device.Fd, name, netlink);
            // Kernels before 6.2 know no UDP segments; without any of these every packet comes single and summed.
            const nuint tcp = OffloadChecksum | OffloadTcp4 | OffloadTcp6;
            _ = Libc.IoctlValue(device.Fd, TunSetOffload, tcp | OffloadUdp4 | OffloadUdp6) == 0 || Libc.IoctlValue(device.Fd, TunSetOffload, tcp) == 0
                || Libc.IoctlValue(device.Fd, TunSetOffload, OffloadChecksum) == 0;
            var index = netlink.FindLink(name)?.Index ?? throw new LinuxException(Errno.ENODEV, $"device {name}");
            // Nobody but the tunnel's traffic belongs here: no address of its own, hence no router solicitations; and what comes out of the
            // tunnel was checked against the SA's selectors, which the return path knows nothing of.
            SetKernelValue($"net/ipv6/conf/{name}/addr_gen_mode", "1");
            SetKernelValue($"net/ipv4/conf/{name}/rp_filter", "0");
            // Without a reader it has no carrier, and its routes have to hold all the same.
            foreach (var family in (string[])["ipv4", "ipv6"]) SetKernelValue($"net/{family}/conf/{name}/ignore_routes_with_linkdown", "0");
            netlink.SetLink(index, true, mtu);
            netlink.SetAlias(index, Alias);
            _ = Libc.IoctlValue(device.Fd, TunSetPersist, 1);
            return new(device, name, index, isTakenOver);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    static (string Name, bool IsTakenOver) Attach(int fd, string name, Rtnetlink netlink)
    {
        var stem = name.TrimEnd("0123456789".ToCharArray());
        var number = int.TryParse(name.AsSpan(stem.Length), out var n) ? n : 0;
        var request = stackalloc byte[RequestBytes];
        for (var last = number + 1000; ; name = $"{stem}{++number}")
        {
            var standing = netlink.FindLink(name);
            if (standing is not null && standing.Alias != Alias && number < last) continue;
            var bytes = new Span<byte>(request, RequestBytes);
            bytes.Clear();
            if (Encoding.ASCII.GetByteCount(name) >= NameBytes) throw new LinuxException(Errno.EINVAL, $"create device {name}", "the name is too long");
            Encoding.ASCII.GetBytes(name, bytes);
            BitConverter.TryWriteBytes(bytes[NameBytes..], (short)(Tun | NoPacketInfo | VnetHeader));
            if (Libc.Ioctl(fd, TunSetIff, request) == 0) return (name, standing is not null);
            if (Libc.Errno is not (Errno.EBUSY or Errno.EEXIST) || number >= last) throw new LinuxException(Libc.Errno, $"create device {name}");
        }
    }

    /// <summary>Writes a value below /proc/sys; kernels without the switch do without it.</summary>
    static void SetKernelValue(string key, string value)
    {
        try
        {
            File.WriteAllText($"/proc/sys/{key}", value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Waits for a packet; false once <see cref="Stop"/> was called.</summary>
    internal bool WaitReadable() => _stop.WaitReadable(_device.Fd);

    /// <summary>Reads one packet with its offload header; 0 if none is waiting (or the device is down).</summary>
    internal int Read(Span<byte> frame)
    {
        fixed (byte* data = frame)
            return Math.Max(0, (int)Libc.Read(_device.Fd, data, frame.Length));
    }

    /// <summary>Gives a packet to the system; false if it does not take it.</summary>
    [SkipLocalsInit]
    internal bool Write(ReadOnlySpan<byte> packet, in Offload offload)
    {
        var header = stackalloc byte[Offload.HeaderBytes];
        offload.Write(new(header, Offload.HeaderBytes));
        fixed (byte* data = packet)
        {
            var vectors = stackalloc IoVector[2];
            vectors[0] = new() { Data = header, Length = Offload.HeaderBytes };
            vectors[1] = new() { Data = data, Length = packet.Length };
            while (Libc.WriteV(_device.Fd, vectors, 2) < 0)
                if (Libc.Errno != Errno.EINTR) return false;
        }
        return true;
    }

    /// <summary>Ends <see cref="WaitReadable"/>.</summary>
    internal void Stop() => _stop.Set();

    internal bool IsStopped => _stop.IsSet;

    /// <summary>To be called when no thread reads or writes any more.</summary>
    public void Dispose()
    {
        _ = Libc.IoctlValue(_device.Fd, TunSetPersist, 0);
        Abandon();
    }

    /// <summary>As a crash would: the device stays and drops.</summary>
    internal void Abandon()
    {
        _stop.Set();
        _device.Dispose();
        _stop.Dispose();
    }
}
