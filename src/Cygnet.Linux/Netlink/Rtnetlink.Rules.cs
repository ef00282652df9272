// Rules that choose a routing table, or drop. linux/fib_rules.h; ip-rule(8).
using Cygnet.Linux.Native;
using Cygnet.Policy;

namespace Cygnet.Linux.Netlink;

/// <summary>A rule: packets with the mark (or, inverted, without it) and these selectors look into the table, or are dropped.</summary>
public sealed record Rule(bool IsIPv6, uint Priority, uint Table, uint Mark, bool IsInverted)
{
    /// <summary>The bits of the mark that count.</summary>
    public uint Mask { get; init; } = uint.MaxValue;

    /// <summary>Source and destination; a prefix of 0 is any.</summary>
    public (Address Network, int Prefix) From { get; init; }
    public (Address Network, int Prefix) To { get; init; }

    /// <summary>The IP protocol; 0 is any. Kernels before 4.17 know none, and no ports.</summary>
    public byte Protocol { get; init; }

    /// <summary>Inclusive; 0 to 65535 is any.</summary>
    public (ushort First, ushort Last) SourcePorts { get; init; } = (0, ushort.MaxValue);
    public (ushort First, ushort Last) DestinationPorts { get; init; } = (0, ushort.MaxValue);

    /// <summary>Dropped without a word instead of looked up.</summary>
    public bool IsBlackhole { get; init; }

    /// <summary>Whose rule it is (rt_protos); 0 says nothing.</summary>
    public byte Owner { get; init; }
}

public sealed partial class Rtnetlink
{
    const ushort NewRule = 32, DeleteRule = 33, GetRule = 34;
    const ushort RuleTo = 1, RuleFrom = 2, RulePriority = 6, RuleMark = 10, RuleTable = 15, RuleMask = 16, RuleOwner = 21, RuleProtocol = 22, RuleSourcePorts = 23, RuleDestinationPorts = 24;
    const byte ActionTable = 1, ActionBlackhole = 6;
    const uint FlagInvert = 2;

    /// <summary>Adds a rule; one that is there already is no error.</summary>
    public void AddRule(Rule rule)
    {
        var errno = _socket.TryRequest(RuleMessage(NewRule, NetlinkFlag.Create | NetlinkFlag.Exclusive, rule), out var detail);
        if (errno is not (0 or Errno.EEXIST)) throw new LinuxException(errno, $"add rule {rule.Priority}", detail);
    }

    /// <summary>Removes a rule; one that is not there is no error.</summary>
    public void RemoveRule(Rule rule)
    {
        var errno = _socket.TryRequest(RuleMessage(DeleteRule, 0, rule), out var detail);
        if (errno is not (0 or Errno.ENOENT or Errno.EAFNOSUPPORT)) throw new LinuxException(errno, $"remove rule {rule.Priority}", detail);
    }

    static NetlinkMessage RuleMessage(ushort type, int flags, Rule rule)
    {
        var message = new NetlinkMessage(type, flags | NetlinkFlag.Ack);
        var head = message.Fixed(12);
        (head[0], head[1], head[2]) = (Family(rule.IsIPv6), (byte)rule.To.Prefix, (byte)rule.From.Prefix);
        (head[4], head[7]) = (rule.Table < 256 ? (byte)rule.Table : TableInAttribute, rule.IsBlackhole ? ActionBlackhole : ActionTable);
        BitConverter.TryWriteBytes(head[8..], rule.IsInverted ? FlagInvert : 0);
        message.Add(RulePriority, rule.Priority);
        if (!rule.IsBlackhole) message.Add(RuleTable, rule.Table);
        if (rule.To.Prefix > 0) message.Add(RuleTo, rule.To.Network);
        if (rule.From.Prefix > 0) message.Add(RuleFrom, rule.From.Network);
        if (rule.Protocol != 0) message.Add(RuleProtocol, [rule.Protocol]);
        if (rule.SourcePorts != (0, ushort.MaxValue)) message.Add(RuleSourcePorts, Ports(rule.SourcePorts));
        if (rule.DestinationPorts != (0, ushort.MaxValue)) message.Add(RuleDestinationPorts, Ports(rule.DestinationPorts));
        if (rule.Owner != 0) message.Add(RuleOwner, [rule.Owner]);
        if (rule.Mark != 0)
        {
            message.Add(RuleMark, rule.Mark);
            message.Add(RuleMask, rule.Mask);
        }
        return message;
    }

    static byte[] Ports((ushort First, ushort Last) range) => [.. BitConverter.GetBytes(range.First), .. BitConverter.GetBytes(range.Last)];

    /// <summary>The rules of one family that choose a table or drop.</summary>
    public IReadOnlyList<Rule> Rules(bool ipv6)
    {
        var rules = new List<Rule>();
        var message = new NetlinkMessage(GetRule, NetlinkFlag.Dump);
        message.Fixed(12)[0] = Family(ipv6);
        _socket.Request(message, "list rules", (type, body) =>
        {
            if (type == NewRule && body.Length >= 12 && body[7] is ActionTable or ActionBlackhole) rules.Add(ReadRule(ipv6, body));
        });
        return rules;
    }

    static Rule ReadRule(bool ipv6, ReadOnlySpan<byte> body)
    {
        var isBlackhole = body[7] == ActionBlackhole;
        var (toPrefix, fromPrefix) = (body[1], body[2]);
        var rule = new Rule(ipv6, 0, isBlackhole ? 0u : body[4], 0, (BitConverter.ToUInt32(body[8..]) & FlagInvert) != 0) { IsBlackhole = isBlackhole };
        var attributes = new NetlinkAttributes(body[12..]);
        while (attributes.Next())
            rule = attributes.Type switch
            {
                RulePriority => rule with { Priority = attributes.ValueAsUInt32 },
                RuleTable when !isBlackhole => rule with { Table = attributes.ValueAsUInt32 },
                RuleMark => rule with { Mark = attributes.ValueAsUInt32 },
                RuleMask => rule with { Mask = attributes.ValueAsUInt32 },
                RuleTo when attributes.Value.Length is 4 or 16 => rule with { To = (Address.Read(attributes.Value), toPrefix) },
                RuleFrom when attributes.Value.Length is 4 or 16 => rule with { From = (Address.Read(attributes.Value), fromPrefix) },
                RuleProtocol when attributes.Value.Length == 1 => rule with { Protocol = attributes.Value[0] },
                RuleOwner when attributes.Value.Length == 1 => rule with { Owner = attributes.Value[0] },
                RuleSourcePorts when attributes.Value.Length == 4 => rule with { SourcePorts = ReadPorts(attributes.Value) },
                RuleDestinationPorts when attributes.Value.Length == 4 => rule with { DestinationPorts = ReadPorts(attributes.Value) },
                _ => rule,
            };
        return rule;
    }

    static (ushort First, ushort Last) ReadPorts(ReadOnlySpan<byte> value) => (BitConverter.ToUInt16(value), BitConverter.ToUInt16(value[2..]));
}
