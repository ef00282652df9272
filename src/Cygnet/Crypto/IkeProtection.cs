// The body of SK and SKF payloads: IV, encrypted payloads, padding, pad length, ICV. RFC 7296 3.14, RFC 5282, RFC 7383 2.5.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>
/// Protects the messages of one direction of an IKE SA. Holds nothing but the keys, as an idle SA should be small;
/// the cipher is made for each message. IVs of counter modes count from 0 under this key: one object per key and direction, sealing in one place.
/// </summary>
public sealed class IkeProtection : IDisposable
{
    readonly Transform _encryption;
    readonly Transform? _integrity;
    readonly byte[] _encryptionKey, _integrityKey;
    ulong _counter;

    /// <summary>Takes the keys over, and clears them on Dispose. The integrity transform is ignored with an AEAD.</summary>
    public IkeProtection(Transform encryption, Transform? integrity, byte[] encryptionKey, byte[] integrityKey)
    {
        (_encryption, _integrity, _encryptionKey, _integrityKey) = (encryption, integrity, encryptionKey, integrityKey);
        // Wrong transforms or keys fail here, where the suite was chosen, and not at the first message.
        PacketCipher.CheckSuite(encryption, integrity, encryptionKey.Length, integrityKey.Length);
    }

    // Looked up, not kept: they are the same for every SA of the suite.
    Algorithm Cipher => Transforms.Find(_encryption)!;

    /// <summary>The plaintext begins this many bytes behind the start of the body.</summary>
    public int IvBytes => Cipher.IvBytes;

    public int BlockBytes => Cipher.BlockBytes;

    public int IcvBytes => (Cipher.IsAead ? Cipher : Transforms.Find(_integrity!.Value)!).IcvBytes;

    /// <summary>Length of the body for so much plaintext: with IV, padding, pad length and ICV.</summary>
    public int SealedLength(int plaintextLength) => IvBytes + Padded(plaintextLength) + IcvBytes;

    /// <summary>The most plaintext that fits into a body of that length; negative if not even the overhead fits.</summary>
    public int PlaintextCapacity(int bodyLength)
    {
        var room = bodyLength - IvBytes - IcvBytes;
        return room - room % BlockBytes - 1;
    }

    /// <summary>
    /// Encrypts in place. The message is complete up to <paramref name="bodyOffset"/> (all lengths filled in: they are authenticated),
    /// its plaintext stands at bodyOffset + <see cref="IvBytes"/>, and it ends with the ICV, as <see cref="SealedLength"/> says.
    /// </summary>
    public void Seal(Span<byte> message, int bodyOffset, int plaintextLength, IRandom random)
    {
        var body = message[bodyOffset..];
        if (body.Length != SealedLength(plaintextLength)) throw new ArgumentException("the message has not the sealed length", nameof(message));
        var iv = body[..IvBytes];
        var text = body[IvBytes..^IcvBytes];
        var padding = text.Length - plaintextLength - 1;
        text[plaintextLength..].Clear();
        text[^1] = (byte)padding;

        using var cipher = Create();
        if (cipher.NeedsRandomIv) random.Fill(iv);
        else BinaryPrimitives.WriteUInt64BigEndian(iv, _counter++);
        cipher.Seal(message[..bodyOffset], [], iv, text, body[^IcvBytes..]);
    }

    /// <summary>
    /// Checks the ICV and decrypts in place; false if the message is not genuine or its padding is impossible.
    /// The message ends with the ICV: the caller has compared it with the length of its header.
    /// </summary>
    public bool Open(Span<byte> message, int bodyOffset, out int plaintextOffset, out int plaintextLength)
    {
        var (ivBytes, icvBytes) = (IvBytes, IcvBytes);
        (plaintextOffset, plaintextLength) = (bodyOffset + ivBytes, 0);
        var textLength = message.Length - plaintextOffset - icvBytes;
        if (textLength < 1 || textLength % BlockBytes != 0) return false;

        var text = message.Slice(plaintextOffset, textLength);
        using var cipher = Create();
        if (!cipher.Open(message[..bodyOffset], [], message.Slice(bodyOffset, ivBytes), text, message[^icvBytes..])) return false;
        plaintextLength = textLength - 1 - text[^1];
        return plaintextLength >= 0;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_encryptionKey);
        CryptographicOperations.ZeroMemory(_integrityKey);
    }

    PacketCipher Create() => PacketCipher.Checked(_encryption, _integrity, _encryptionKey, _integrityKey);

    int Padded(int plaintextLength) => (plaintextLength + 1 + BlockBytes - 1) / BlockBytes * BlockBytes;
}
