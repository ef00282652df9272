// A connection as it will be sent to the daemon: encoded at once, as ten thousand of them wait for that together. swanctl.conf(5).
using Cygnet.Control;

namespace Cygnet.Config;

/// <summary>
/// The settings of a connection without its children, as the protocol encodes them; a digest of those of them that keep conns apart; and the conns that
/// make it up, the first one naming it.
/// </summary>
public sealed class PlannedConnection(string name, byte[] ike, string ikeDigest, IReadOnlyList<PlannedChild> children)
{
    /// <summary>Well below what a message carries: what the daemon answers to some of them has to fit too.</summary>
    const int PartBytes = Vici.MaxSegment / 8;

    string? _digest;

    public string Name { get; } = name;

    public string IkeDigest { get; } = ikeDigest;

    public IReadOnlyList<PlannedChild> Children { get; } = children;

    /// <summary>The digest of all of it, as x-get-conn-digests has it.</summary>
    public string Digest => _digest ??= ConnDigest.Of(Content(ike, Children));

    /// <summary>
    /// The sections that load-conn takes: one, or, where a message does not carry all the children, several with the same settings and some of the
    /// children each, <c>x-part</c> counting them and <c>x-more</c> in all but the last.
    /// </summary>
    public IEnumerable<ViciEncoded> Sections
    {
        get
        {
            if (ike.Length + Children.Sum(c => Room(c)) <= PartBytes)
            {
                yield return new(Name, Content(ike, Children));
                yield break;
            }
            var number = 0;
            for (var from = 0; from < Children.Count; number++)
            {
                var (to, length) = (from + 1, Room(Children[from]));
                while (to < Children.Count && length + Room(Children[to]) <= PartBytes) length += Room(Children[to++]);
                var keys = new ViciWriter().Add("x-part", number).Add("x-more", to < Children.Count ? "yes" : null);
                yield return new(Name, Content([.. keys.Written, .. ike], [.. Children.Take(from..to)]));
                from = to;
            }

            static int Room(PlannedChild child) => child.Settings.Content.Length + child.Name.Length + 3;
        }
    }

    public IEnumerable<LoadRequest> Requests => Sections.Select(s => new LoadRequest("load-conn", new ViciSection().Add(s), Name));

    /// <summary>All of it as one message, to be looked into.</summary>
    public ViciSection Message
    {
        get
        {
            var message = new ViciSection();
            Vici.TryDecode(Content(ike, Children), message.AddSection(Name));
            return message;
        }
    }

    /// <summary>The same without some of its conns; null if none is left.</summary>
    public PlannedConnection? Without(IReadOnlyCollection<string> names)
    {
        List<PlannedChild> kept = [.. Children.Where(c => !names.Contains(c.Name))];
        return kept.Count == 0 ? null : new(Name, ike, IkeDigest, kept);
    }

    static byte[] Content(byte[] ike, IReadOnlyList<PlannedChild> children)
    {
        var behind = Behind(children);
        var content = new byte[ike.Length + Vici.LengthOf(behind)];
        ike.CopyTo(content, 0);
        var to = content.AsSpan(ike.Length);
        string? reason = null;
        Vici.TryWrite(behind, ref to, ref reason);
        return content;
    }

    // The conns have been found to be what the protocol can carry, so that nothing of this fails.
    static ViciSection Behind(IReadOnlyList<PlannedChild> children)
    {
        var behind = new ViciSection();
        var section = behind.AddSection("children");
        foreach (var child in children) section.Add(child.Settings);
        return behind;
    }
}
