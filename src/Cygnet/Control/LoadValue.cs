// One key of a load-conn request and the readings of its value. swanctl.conf(5).
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Control;

/// <summary>A key with its value or list; each reading throws what the reply shall say if the value does not fit.</summary>
readonly struct LoadValue
{
    static readonly UTF8Encoding s_strict = new(false, true);

    readonly byte[]? _value;
    readonly List<byte[]>? _list;

    public LoadValue(ViciValue value) => (Key, _value) = (value.Name, value.Value);

    public LoadValue(ViciList list) => (Key, _list) = (list.Name, list.Items);

    public string Key { get; }

    /// <summary>The value as text; names may need more than ASCII, and what is no UTF-8 is no text.</summary>
    public string Text => _value is null ? "" : Read(_value);

    /// <summary>The items of a list as text.</summary>
    public IReadOnlyList<string> Items => _list is null ? [] : _list.ConvertAll(Read);

    string Read(byte[] bytes)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Invalid();
        }
    }

    public LoadRefused Invalid() => new($"invalid value for: {Key}, config discarded");

    public LoadRefused Unknown() => new($"unknown option: {Key}, config discarded");

    public LoadRefused NotBuilt() => new($"'{Key}={(_list is null ? Text : string.Join(',', Items))}' is not built yet in this version, config discarded");

    /// <summary>What only IKEv1 has.</summary>
    public LoadRefused NeedsIkev1() => new($"'{Key}={Text}' is for IKEv1, which is not built yet in this version, config discarded");

    public LoadRefused NotCarried(string why) => new($"'{Key}={Text}': {why}, config discarded");

    /// <summary>The value, if this version does what it asks for.</summary>
    public T Built<T>(T value, Func<T, bool> isBuilt) => isBuilt(value) ? value : throw NotBuilt();

    /// <summary>A value that was checked and changes nothing.</summary>
    public T Ignore<T, TValue>(T into, TValue value)
    {
        _ = value;
        return into;
    }

    public bool Boolean() => Vici.TryBoolean(Text, out var value) ? value : throw Invalid();

    /// <summary>A number of 0 to <paramref name="max"/>; an empty text is 0, as for strtoul.</summary>
    public long Number(long max) => Text.Length == 0 ? 0 : Vici.TryNumber(Text, out var n) && n >= 0 && n <= max ? n : throw Invalid();

    /// <summary>Value and mask, with <c>%unique</c> and, where a mark is set, <c>%same</c>.</summary>
    public Mark Mark(bool isSet = false) => Text.Length == 0 ? default : Policy.Mark.TryParse(Text, isSet, out var mark) ? mark : throw Invalid();

    /// <summary>The number of an XFRM interface; <c>%unique</c>: one for each CHILD_SA, <c>%unique-dir</c>: for each direction.</summary>
    public uint IfId() => Text.ToLowerInvariant() switch { "%unique" => ChildConfig.UniqueIfId, "%unique-dir" => ChildConfig.UniqueIfIdPerDirection, _ => (uint)Number(ChildConfig.UniqueIfIdPerDirection - 1) };

    public TimeSpan Time()
    {
        var text = Text.TrimEnd();
        if (text.Length == 0) return TimeSpan.Zero;
        var unit = char.ToLowerInvariant(text[^1]) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        if (unit != 0) text = text[..^1].TrimEnd();
        return Vici.TryNumber(text, out var n) && n is >= 0 and <= uint.MaxValue && n * Math.Max(unit, 1) <= uint.MaxValue ? TimeSpan.FromSeconds(n * Math.Max(unit, 1)) : throw Invalid();
    }

    /// <summary>A number of packets; too many are as many as there can be.</summary>
    public ulong Count() => Text.Length > 0 && char.IsAsciiDigit(Text[^1]) || Text.Length == 0 ? Bytes() : throw Invalid();

    /// <summary>A number of bytes, with k, m or g; too many are as many as there can be.</summary>
    public ulong Bytes()
    {
        var text = Text.TrimEnd();
        if (text.Length == 0) return 0;
        var shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        if (shift != 0) text = text[..^1].TrimEnd();
        if (!Vici.TryNumber(text, out var n)) return text.AsSpan().ContainsAnyExceptInRange('0', '9') ? throw Invalid() : ulong.MaxValue;
        if (n < 0) throw Invalid();
        return (UInt128)n << shift > ulong.MaxValue ? ulong.MaxValue : (ulong)n << shift;
    }

    public byte BinaryDigits() =>
        Text.Length is > 0 and <= 6 && byte.TryParse(Text, NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out var value) ? value : throw Invalid();

    /// <summary>One of the words, in any case.</summary>
    public T OneOf<T>(params ReadOnlySpan<(string Word, T Value)> words)
    {
        var text = Text;
        foreach (var (word, value) in words)
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        throw Invalid();
    }

    /// <summary>none/clear, trap/route, start/restart, or two of them joined by a bar.</summary>
    public ChildAction Action()
    {
        var action = ChildAction.None;
        foreach (var word in Text.Split('|', StringSplitOptions.TrimEntries))
            action = word.ToLowerInvariant() switch
            {
                "" or "none" or "clear" => action,
                "trap" or "route" => action | ChildAction.Trap,
                "start" or "restart" => action | ChildAction.Start,
                _ => throw Invalid(),
            };
        return action;
    }

    /// <summary>An identity; any is null.</summary>
    public Identity? Id() => Identity.Parse(Text) is { Kind: not IdentityKind.Any } id ? id : null;

    /// <summary>Adds addresses, names, subnets and ranges; an item may hold several of them, with commas between.</summary>
    public void AddAddresses(List<string> to)
    {
        foreach (var item in Items)
            foreach (var address in item.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                to.Add(address.Any(char.IsControl) ? throw Invalid() : address);
    }

    /// <summary>Addresses; <c>%any</c> and <c>%any6</c> are unspecified ones.</summary>
    public ImmutableArray<Address> Ips()
    {
        var all = ImmutableArray.CreateBuilder<Address>();
        foreach (var item in Items)
            all.Add(item is "%any" or "%any4" ? Address.Any4 : item == "%any6" ? Address.Any6 : Address.TryParse(item, out var address) ? address : throw Invalid());
        return all.ToImmutable();
    }

    public ImmutableArray<string> Names() => [.. Items.Where(i => i.Length > 0)];

    /// <summary>Adds what the list names; <c>default</c> stands for the defaults, AEADs first for ESP.</summary>
    public void AddProposals(SecurityProtocol protocol, ImmutableArray<Proposal>.Builder add, LoadedAlike? alike)
    {
        foreach (var item in Items)
        {
            if (item.Equals("default", StringComparison.OrdinalIgnoreCase))
            {
                var defaults = ProposalText.Defaults(protocol);
                add.AddRange(protocol == SecurityProtocol.Esp ? defaults.Reverse() : defaults);
            }
            else if (alike is null ? ProposalText.TryParseOne(protocol, item, out var proposal, out var error) : alike.TryProposal(protocol, item, out proposal, out error))
            {
                add.Add(proposal);
            }
            else
            {
                throw error.IsNotBuilt ? new($"'{error.Word}' in '{Key}' is not built yet in this version, config discarded") : Invalid();
            }
        }
    }

    /// <summary>Adds traffic selectors.</summary>
    public void AddSelectors(ImmutableArray<TrafficSelector>.Builder to)
    {
        foreach (var item in Items)
            to.Add(item.Length > 0 && TrafficSelectorText.TryParse(item, out var one, out _) ? one : throw Invalid());
    }
}
