// Rules that choose a routing table. linux/fib_rules.h; ip-rule(8).
using Cygnet.Linux.Native;

namespace Cygnet.Linux.Netlink;

/// <summary>A rule: packets with the mark (or, inverted, without it) look into the table.</summary>
public sealed record Rule(bool IsIPv6, uint Priority, uint Table, uint Mark, bool IsInverted);

public sealed partial class Rtnetlink
{
    const ushort NewRule = 32, DeleteRule = 33, GetRule = 34;
    const ushort RulePriority = 6, RuleMark = 10, RuleTable = 15, RuleMask = 16;
    const byte ActionTable = 1;
    const uint FlagInvert = 2;

    /// <summary>Adds a rule; one that is there already is no error.</summary>
    public void AddRule(Rule rule)
    {
        var errno = _socket.TryRequest(RuleMessage(NewRule, NetlinkFlag.Create | NetlinkFlag.Exclusive, rule), out var detail);
        if (errno is not (0 or Errno.EEXIST)) throw new LinuxException(errno, $"add rule for table {rule.Table}", detail);
    }

    /// <summary>Removes a rule; one that is not there is no error.</summary>
    public void RemoveRule(Rule rule)
    {
        var errno = _socket.TryRequest(RuleMessage(DeleteRule, 0, rule), out var detail);
        if (errno is not (0 or Errno.ENOENT or Errno.EAFNOSUPPORT)) throw new LinuxException(errno, $"remove rule for table {rule.Table}", detail);
    }

    static NetlinkMessage RuleMessage(ushort type, int flags, Rule rule)
    {
        var message = new NetlinkMessage(type, flags | NetlinkFlag.Ack);
        var head = message.Fixed(12);
        (head[0], head[4], head[7]) = (Family(rule.IsIPv6), rule.Table < 256 ? (byte)rule.Table : TableInAttribute, ActionTable);
        BitConverter.TryWriteBytes(head[8..], rule.IsInverted ? FlagInvert : 0);
        message.Add(RulePriority, rule.Priority);
        message.Add(RuleTable, rule.Table);
        if (rule.Mark != 0)
        {
            message.Add(RuleMark, rule.Mark);
            message.Add(RuleMask, uint.MaxValue);
        }
        return message;
    }

    /// <summary>The rules of one family that choose a table.</summary>
    public IReadOnlyList<Rule> Rules(bool ipv6)
    {
        var rules = new List<Rule>();
        var message = new NetlinkMessage(GetRule, NetlinkFlag.Dump);
        message.Fixed(12)[0] = Family(ipv6);
        _socket.Request(message, "list rules", (type, body) =>
        {
            if (type != NewRule || body.Length < 12 || body[7] != ActionTable) return;
            var rule = new Rule(ipv6, 0, body[4], 0, (BitConverter.ToUInt32(body[8..]) & FlagInvert) != 0);
            var attributes = new NetlinkAttributes(body[12..]);
            while (attributes.Next())
                rule = attributes.Type switch
                {
                    RulePriority => rule with { Priority = attributes.ValueAsUInt32 },
                    RuleTable => rule with { Table = attributes.ValueAsUInt32 },
                    RuleMark => rule with { Mark = attributes.ValueAsUInt32 },
                    _ => rule,
                };
            rules.Add(rule);
        });
        return rules;
    }
}
