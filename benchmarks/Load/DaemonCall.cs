// Asks a charon on the bed over its control socket, without the start of a program between.
using System.Buffers.Binary;
using System.Net.Sockets;
using Cygnet.Control;
using Cygnet.Interop.Testbed;

namespace Cygnet.Benchmarks.Load;

static class DaemonCall
{
    /// <summary>One command and its response. The socket lies in the host's own /run, which /proc shows.</summary>
    public static ViciSection Run(Host host, string command, ViciSection? request = null)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint($"/proc/{host.Pid}/root/run/charon.vici"));
        socket.Send(ViciPacket.Request(command, request).ToSegment(out _)!);
        var header = Read(socket, Vici.LengthBytes);
        return ViciPacket.TryParse(Read(socket, BinaryPrimitives.ReadInt32BigEndian(header)), out var packet) && packet.Type == ViciPacketType.CommandResponse
            ? packet.Message : throw new BedFailure($"{host.Name} does not know the command {command}");
    }

    static byte[] Read(Socket socket, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
            at += socket.Receive(bytes.AsSpan(at)) is > 0 and var n ? n : throw new BedFailure("the daemon closed its control socket");
        return bytes;
    }
}
