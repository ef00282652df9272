// Somebody who begins an IKE SA and never goes on. RFC 7296 1.2, 3.1.
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>Sends one IKE_SA_INIT request, by hand, and waits for the answer.</summary>
static class Stranger
{
    public static void OpensHalf(Host host, string from, string to)
    {
        using var socket = host.Net.Within(() =>
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
            udp.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            return udp;
        });
        socket.SendTo(Request(), new IPEndPoint(IPAddress.Parse(to), 500));
        var answer = new byte[2000];
        if (socket.Receive(answer) < 28 || answer[18] != 34)
            throw new BedFailure("the stranger's IKE_SA_INIT was not answered");
    }

    static byte[] Request()
    {
        // ENCR_AES_CBC 128, PRF_HMAC_SHA2_256, AUTH_HMAC_SHA2_256_128, Curve25519.
        byte[] transforms =
        [
            3, 0, 0, 12, 1, 0, 0, 12, 0x80, 14, 0, 128,
            3, 0, 0, 8, 2, 0, 0, 5,
            3, 0, 0, 8, 3, 0, 0, 12,
            0, 0, 0, 8, 4, 0, 0, 31,
        ];
        byte[] proposal = [0, 0, 0, (byte)(8 + transforms.Length), 1, 1, 0, 4, .. transforms];
        byte[] sa = [34, 0, 0, (byte)(4 + proposal.Length), .. proposal];
        byte[] ke = [40, 0, 0, 40, 0, 31, 0, 0, .. Random(32)];
        byte[] nonce = [0, 0, 0, 36, .. Random(32)];
        byte[] message = [.. Random(8), .. new byte[8], 33, 0x20, 34, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, .. sa, .. ke, .. nonce];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(24), message.Length);
        return message;
    }

    static byte[] Random(int length)
    {
        var bytes = new byte[length];
        System.Random.Shared.NextBytes(bytes);
        bytes[0] |= 1;
        return bytes;
    }
}
