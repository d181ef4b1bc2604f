<?xml version="1.0" encoding="UTF-8"?>
<tileset version="1.10" tiledversion="1.11.2" name="town" tilewidth="32" tileheight="32" tilecount="8" columns="4">
 <image source="town.png" width="128" height="64"/>
 <tile id="1">
  <properties>
   <property name="wall" type="bool" value="true"/>
  </properties>
 </tile>
 <tile id="2">
  <properties>
   <property name="note">Two lines
on a barrel</property>
   <property name="wall" type="bool" value="true"/>
  </properties>
  <objectgroup draworder="index" id="2">
   <object id="1" x="4" y="4" width="24" height="24">
    <properties>
     <property name="wall" type="bool" value="false"/>
    </properties>
   </object>
  </objectgroup>
 </tile>
 <tile id="3">
  <properties>
   <property name="soft" type="bool" value="true"/>
  </properties>
 </tile>
 <tile id="4" type="chest">
  <properties>
   <property name="coins" type="int" value="5"/>
   <property name="locked" type="bool" value="false"/>
  </properties>
 </tile>
</tileset>
