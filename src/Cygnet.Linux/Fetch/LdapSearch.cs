// One anonymous LDAP search for one attribute of one entry: all that CRLs in directories need. RFC 4511 4.5, X.690 as 5.1 narrows it.
using System.Formats.Asn1;
using System.Net.Sockets;
using System.Text;

namespace Cygnet.Linux.Fetch;

static class LdapSearch
{
    const int MessageId = 1, EntryTag = 4, DoneTag = 5, ReferenceTag = 19, MaxMessages = 20;

    /// <summary>The first value of the attribute. <see cref="FetchFailure"/> says why there is none.</summary>
    public static async Task<byte[]> Fetch(LdapUri uri, int maxBytes, CancellationToken limit)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(uri.Host, uri.Port, limit).ConfigureAwait(false);
        var stream = client.GetStream();
        // Without a bind one is anonymous: RFC 4511 4.2.1, RFC 4513 4.
        await stream.WriteAsync(Request(uri), limit).ConfigureAwait(false);
        byte[]? found = null;
        for (var i = 0; i < MaxMessages; i++)
        {
            var message = await ReadMessage(stream, maxBytes, limit).ConfigureAwait(false);
            try
            {
                if (Take(message, uri.Attribute, ref found)) return found ?? throw new FetchFailure($"the directory has no '{uri.Attribute}' there");
            }
            catch (AsnContentException e)
            {
                throw new FetchFailure($"the directory's answer is malformed: {e.Message}");
            }
        }
        throw new FetchFailure("the directory's answer does not end");
    }

    internal static byte[] Request(LdapUri uri)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(MessageId);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, 3)))
            {
                Text(uri.Entry);
                writer.WriteEnumeratedValue((LdapScope)uri.Scope);
                writer.WriteEnumeratedValue(LdapAliases.Never);
                writer.WriteInteger(1);
                writer.WriteInteger(0);
                writer.WriteBoolean(false);
                if (uri.FilterValue is null) writer.WriteOctetString(Encoding.UTF8.GetBytes(uri.FilterAttribute), new Asn1Tag(TagClass.ContextSpecific, 7));
                else
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
                    {
                        Text(uri.FilterAttribute);
                        Text(uri.FilterValue);
                    }
                using (writer.PushSequence()) Text(uri.Attribute);
            }
        }
        return writer.Encode();

        void Text(string text) => writer.WriteOctetString(Encoding.UTF8.GetBytes(text));
    }

    enum LdapScope { Base, One, Sub }

    enum LdapAliases { Never }

    /// <summary>One message; true if it is the last. BER: servers use the long form of lengths as they like.</summary>
    internal static bool Take(byte[] message, string attribute, ref byte[]? found)
    {
        var body = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
        body.ReadInteger();
        var tag = body.PeekTag();
        if (tag.TagClass != TagClass.Application) throw new AsnContentException("no LDAP message");
        switch (tag.TagValue)
        {
            case DoneTag:
                var done = body.ReadSequence(tag);
                var code = done.ReadEnumeratedBytes().Span;
                done.ReadOctetString();
                var says = Encoding.UTF8.GetString(done.ReadOctetString());
                // sizeLimitExceeded: there are more entries than the one that was asked for.
                if (found is null && code is not [0]) throw new FetchFailure($"the directory says: result {Convert.ToHexStringLower(code)} {Printable(says)}");
                return true;
            case EntryTag:
                var entry = body.ReadSequence(tag);
                entry.ReadOctetString();
                var attributes = entry.ReadSequence();
                while (attributes.HasData && found is null)
                {
                    var one = attributes.ReadSequence();
                    var name = Encoding.UTF8.GetString(one.ReadOctetString());
                    var values = one.ReadSetOf(skipSortOrderValidation: true);
                    if (values.HasData && name.Split(';')[0].Equals(attribute.Split(';')[0], StringComparison.OrdinalIgnoreCase)) found = values.ReadOctetString();
                }
                return false;
            case ReferenceTag: return false;
            default: throw new AsnContentException($"LDAP message {tag.TagValue} was not asked for");
        }
    }

    static string Printable(string text) => new([.. text.Where(c => !char.IsControl(c)).Take(200)]);

    static async Task<byte[]> ReadMessage(NetworkStream stream, int maxBytes, CancellationToken limit)
    {
        var head = new byte[2];
        await Fill(stream, head, limit).ConfigureAwait(false);
        if (head[0] != 0x30 || head[1] is 0x80 or > 0x84) throw new FetchFailure("the server does not speak LDAP");
        var more = new byte[head[1] < 0x80 ? 0 : head[1] & 0x7f];
        await Fill(stream, more, limit).ConfigureAwait(false);
        var length = more.Length == 0 ? head[1] : more.Aggregate(0L, (n, b) => n << 8 | b);
        if (length > maxBytes) throw new FetchFailure($"the directory sends more than {maxBytes} bytes");
        var message = new byte[2 + more.Length + (int)length];
        head.CopyTo(message, 0);
        more.CopyTo(message, 2);
        await Fill(stream, message.AsMemory(2 + more.Length), limit).ConfigureAwait(false);
        return message;
    }

    static async Task Fill(NetworkStream stream, Memory<byte> buffer, CancellationToken limit) => await stream.ReadExactlyAsync(buffer, limit).ConfigureAwait(false);
}
