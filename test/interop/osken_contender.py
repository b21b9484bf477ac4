# A learning switch on os-ken that contends for mastership: it takes the role and the election that it is told on standard input
# ("master 2", "slave 2", "equal 0"), for all of its switches and those that come later, and prints what they answer.
import sys

from eventlet import tpool
from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import hub
from os_ken.lib.packet import ethernet, packet
from os_ken.ofproto import ofproto_v1_3

ROLES = {'equal': 1, 'master': 2, 'slave': 3}


class Contender(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.switches = {}
        self.places = {}
        self.wish = None
        hub.spawn(self.listen)

    def listen(self):
        for line in iter(lambda: tpool.execute(sys.stdin.readline), ''):
            words = line.split()
            if words[0] == 'rule':
                for switch in self.switches.values():
                    self.rule(switch, 1, switch.ofproto_parser.OFPMatch(eth_type=0x88B5), [])
            else:
                self.wish = (ROLES[words[0]], int(words[1]))
                for switch in self.switches.values():
                    self.contend(switch)

    def contend(self, switch):
        switch.send_msg(switch.ofproto_parser.OFPRoleRequest(switch, *self.wish))

    def rule(self, switch, priority, match, actions):
        parser, proto = switch.ofproto_parser, switch.ofproto
        apply = [parser.OFPInstructionActions(proto.OFPIT_APPLY_ACTIONS, actions)]
        switch.send_msg(parser.OFPFlowMod(datapath=switch, priority=priority, match=match, instructions=apply))

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def joined(self, event):
        self.switches[event.msg.datapath.id] = event.msg.datapath
        print('joined', event.msg.datapath.id, flush=True)
        if self.wish:
            self.contend(event.msg.datapath)

    @set_ev_cls(ofp_event.EventOFPRoleReply, MAIN_DISPATCHER)
    def role(self, event):
        message = event.msg
        switch = message.datapath
        print('role', switch.id, message.role, message.generation_id, flush=True)
        if message.role == switch.ofproto.OFPCR_ROLE_MASTER:
            to_us = switch.ofproto_parser.OFPActionOutput(switch.ofproto.OFPP_CONTROLLER, 0xFFFF)
            self.rule(switch, 0, switch.ofproto_parser.OFPMatch(), [to_us])

    @set_ev_cls(ofp_event.EventOFPErrorMsg, MAIN_DISPATCHER)
    def refused(self, event):
        print('refused', event.msg.datapath.id, event.msg.type, event.msg.code, flush=True)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def packet_in(self, event):
        message = event.msg
        switch = message.datapath
        parser, proto = switch.ofproto_parser, switch.ofproto
        in_port = message.match['in_port']
        header = packet.Packet(message.data).get_protocols(ethernet.ethernet)[0]
        places = self.places.setdefault(switch.id, {})
        places[header.src] = in_port
        out = [parser.OFPActionOutput(places.get(header.dst, proto.OFPP_FLOOD))]
        if header.dst in places:
            match = parser.OFPMatch(in_port=in_port, eth_src=header.src, eth_dst=header.dst)
            self.rule(switch, 1, match, out)
        switch.send_msg(
            parser.OFPPacketOut(
                datapath=switch, buffer_id=proto.OFP_NO_BUFFER, in_port=in_port, actions=out, data=message.data
            )
        )
